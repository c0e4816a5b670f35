import { useEffect, useRef, useState } from "preact/hooks";
import { Refusal } from "./api/client";
import { Waiting } from "./components/Listing";
import { Trouble } from "./components/Notes";
import { Toolbar } from "./components/Toolbar";
import { PlaceContext, type Place } from "./navigation";
import { loadedView, loadView, type Route } from "./routes";
import { spanOf } from "./view";

/** One view under its heading and controls; its code is loaded when it is first opened. */
export function ViewHost({ route, place }: { route: Route; place: Place }) {
  const [, setLoaded] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef<string | null>(null);
  const { view, site, range } = place;
  const title = route.name === "crawler" ? `Crawler ${view.filters["crawler"] ?? ""}` : route.label;
  const View = loadedView(route.name);

  const load = () => {
    setRefusal(null);
    loadView(route).then(() => setLoaded(route.name), () => setRefusal(new Refusal(0, "This view's code did not arrive.", "Check the connection, then try again.")));
  };
  useEffect(() => {
    if (!View) load();
  }, [route.name]);

  useEffect(() => {
    document.title = `${title} · ${site.name || site.site} · Weir`;
  }, [title, site.site]);

  // Whoever follows a link hears where they are; the first view of a visit leaves the focus to the browser.
  useEffect(() => {
    const before = shown.current;
    shown.current = title;
    if (before === null || before === title) return;
    heading.current?.focus();
    scrollTo(0, 0);
  }, [title]);

  return (
    <>
      <div class="head">
        <h1 ref={heading} tabIndex={-1}>{title}</h1>
        <Toolbar route={route} view={view} range={range} shown={spanOf(range, Date.now(), site, view.days)} />
      </div>
      {refusal && <Trouble refusal={refusal} retry={load} />}
      {View ? <PlaceContext.Provider value={place}><View key={`${route.name} ${site.site}`} /></PlaceContext.Provider> : !refusal && <Waiting />}
    </>
  );
}
