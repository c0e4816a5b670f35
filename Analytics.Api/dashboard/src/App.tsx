import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { Refusal, get, signIn, signOut, type Site, type SiteList } from "./api/client";
import { Header } from "./components/Header";
import { Overview } from "./components/Overview";
import { SignIn } from "./components/SignIn";
import { Guide, Trouble } from "./components/Notes";
import { rangeOf, readView, takeKeyFromFragment, writeView, type View } from "./view";

type Access = "unknown" | "out" | "in";

export function App() {
  const [access, setAccess] = useState<Access>("unknown");
  const [sites, setSites] = useState<Site[]>([]);
  const [trouble, setTrouble] = useState<Refusal | null>(null);
  const [view, setView] = useState<View>(readView);

  const loadSites = useCallback(async () => {
    try {
      const list = await get<SiteList>("/v1/sites");
      setSites(list.items);
      setTrouble(null);
      setAccess("in");
    } catch (error) {
      const refusal = error as Refusal;
      if (refusal.status === 401) setAccess("out");
      else setTrouble(refusal);
    }
  }, []);

  const enter = useCallback(async (key: string) => {
    await signIn(key);
    await loadSites();
  }, [loadSites]);

  useEffect(() => {
    const key = takeKeyFromFragment();
    if (key) enter(key).catch((error: Refusal) => (error.status === 401 ? setAccess("out") : setTrouble(error)));
    else void loadSites();
    const onBack = () => setView(readView());
    const onFragment = () => {
      const late = takeKeyFromFragment();
      if (late) enter(late).catch(() => setAccess("out"));
    };
    addEventListener("popstate", onBack);
    addEventListener("hashchange", onFragment);
    return () => {
      removeEventListener("popstate", onBack);
      removeEventListener("hashchange", onFragment);
    };
  }, [enter, loadSites]);

  const busiest = [...sites].sort((a, b) => b.hits - a.hits)[0];
  const site = sites.find((s) => s.site === view.site) ?? (view.site ? undefined : busiest);

  // Decided once a site: the first live hit must not take the imported month away.
  const suited = useMemo(() => (site ? rangeOf(site, Date.now()) : "24h"), [site?.site]);
  const range = view.range ?? suited;

  const show = (next: View) => {
    setView(next);
    writeView(next, false);
  };

  const leave = async () => {
    await signOut().catch(() => {});
    setSites([]);
    setAccess("out");
  };

  if (access === "out") return <SignIn enter={enter} />;
  return (
    <>
      <a class="skip" href="#main">Skip to the figures</a>
      <Header sites={sites} site={site?.site ?? view.site} view={{ ...view, range }} show={show} leave={access === "in" ? leave : null} />
      <main id="main" tabIndex={-1}>
        {trouble && <Trouble refusal={trouble} retry={loadSites} />}
        {!trouble && access === "unknown" && <p class="loading" role="status">Loading…</p>}
        {access === "in" && site && <Overview key={site.site} site={site} range={range} verdict={view.verdict} signedOut={() => setAccess("out")} sitesChanged={loadSites} />}
        {access === "in" && !site && sites.length === 0 && <Guide site="demo" check={loadSites} />}
        {access === "in" && !site && sites.length > 0 && (
          <Trouble refusal={new Refusal(404, `This key knows no site “${view.site}”.`, "Choose a site above.")} retry={loadSites} />
        )}
      </main>
    </>
  );
}
