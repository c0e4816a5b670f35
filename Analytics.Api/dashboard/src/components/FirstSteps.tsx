import { useEffect } from "preact/hooks";
import { reportUrl, type KeyRow, type PolicyList, type Summary } from "../api/client";
import { count } from "../format";
import { hrefTo, usePlace } from "../navigation";
import { useReport } from "../useReport";
import { Command } from "./Command";

const lookEvery = 5_000;

/** The first minutes: what to do, with a mark at what is done. Looks by itself while it is seen. */
export function FirstSteps() {
  const { view, site, sitesChanged } = usePlace();
  const always = { from: "1970-01-02T00:00:00Z" };
  const summary = useReport<Summary>(reportUrl(site.site, "summary", always));
  // The report on rules counts what came through the edge; all other hits were imported.
  const edge = useReport<PolicyList>(reportUrl(site.site, "policy", always));
  // The first start made one; one more is somebody's.
  const keys = useReport<{ items: KeyRow[] }>("/v1/keys?limit=2");
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState !== "visible") return;
      summary.again();
      edge.again();
      keys.again();
      sitesChanged();
    }, lookEvery);
    return () => clearInterval(timer);
  }, [summary.again, edge.again, keys.again, sitesChanged]);
  const fronted = edge.data?.hits ?? 0;
  const imported = Math.max(0, (summary.data?.hits ?? 0) - fronted);
  return (
    <section class="guide" aria-labelledby="guide">
      <h2 id="guide">{fronted + imported === 0 ? "No hits yet" : "First steps"}</h2>
      <p>Either of the first two gives this page something to show. It looks for it every few seconds.</p>
      <ol>
        <Step name="Read an access log that you already have" done={imported > 0 && `${count(imported)} hits were imported`}>
          <Command text={`./weir import access.log --site ${site.site}`} />
          <p class="quiet">combined, common, JSON of nginx and Caddy, CloudFront and IIS are recognised, packed or not.</p>
        </Step>
        <Step name="Put the edge in front of the site" done={fronted > 0 && `${count(fronted)} hits came through the edge`}>
          <Command text="./weir up --origin http://127.0.0.1:3000" />
          <p class="quiet">Then ask it something; it listens on port 8080 unless told otherwise:</p>
          <Command text="curl http://127.0.0.1:8080/" />
        </Step>
        <Step name="Make a key for the API" done={(keys.data?.items.length ?? 0) > 1 && "there are more than the first"}>
          <Command text="./weir keys create --name reports --scope analytics:read" />
          <p class="quiet">It is shown once; <a href={hrefTo(view, "settings")}>Settings</a> makes them too. <a href="/docs">The API's reference</a> says what it opens.</p>
        </Step>
      </ol>
      {fronted + imported > 0 && <p><a href={hrefTo(view, "overview")}>To the overview</a></p>}
    </section>
  );
}

function Step({ name, done, children }: { name: string; done: string | false; children: preact.ComponentChildren }) {
  return (
    <li class={done ? "done" : ""}>
      <h3>{name} <span class="state" role="status">{done ? `✓ Done: ${done}` : ""}</span></h3>
      {children}
    </li>
  );
}
