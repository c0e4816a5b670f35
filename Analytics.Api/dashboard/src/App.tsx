import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { Refusal, get, signIn, signOut, type Site, type SiteList } from "./api/client";
import { Header } from "./components/Header";
import { Trouble } from "./components/Notes";
import { SignIn } from "./components/SignIn";
import { followLinks } from "./navigation";
import { routes } from "./routes";
import { setZone } from "./time";
import { base, rangeOf, readView, takeKeyFromFragment, type View } from "./view";
import { ViewHost } from "./ViewHost";

type Access = "unknown" | "out" | "in";

export function App() {
  const [access, setAccess] = useState<Access>("unknown");
  const [sites, setSites] = useState<Site[]>([]);
  const [trouble, setTrouble] = useState<Refusal | null>(null);
  const view = useLocation();
  setZone(view.zone);

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
    const onFragment = () => {
      const late = takeKeyFromFragment();
      if (late) enter(late).catch(() => setAccess("out"));
    };
    const onSignedOut = () => setAccess("out");
    addEventListener("hashchange", onFragment);
    addEventListener("weir-signed-out", onSignedOut);
    return () => {
      removeEventListener("hashchange", onFragment);
      removeEventListener("weir-signed-out", onSignedOut);
    };
  }, [enter, loadSites]);

  const busiest = [...sites].sort((a, b) => b.hits - a.hits)[0];
  const site = sites.find((s) => s.site === view.site) ?? (view.site ? undefined : busiest);
  // Decided once a site: the first live hit must not take the imported month away.
  const suited = useMemo(() => (site ? rangeOf(site, Date.now()) : "24h"), [site?.site]);
  const route = routes.find((r) => r.name === view.name);

  const leave = async () => {
    await signOut().catch(() => {});
    setSites([]);
    setAccess("out");
  };

  if (access === "out") return <SignIn enter={enter} />;
  return (
    <>
      <a class="skip" href="#main">Skip to the figures</a>
      <Header sites={sites} site={site?.site ?? view.site} view={view} leave={access === "in" && !base ? leave : null} />
      <main id="main" tabIndex={-1}>
        {trouble && <Trouble refusal={trouble} retry={loadSites} />}
        {!trouble && access === "unknown" && <p class="loading" role="status">Loading…</p>}
        {access === "in" && site && route && (
          <ViewHost route={route} place={{ view: { ...view, site: site.site }, site, range: view.range ?? suited, sitesChanged: loadSites }} />
        )}
        {access === "in" && site && !route && <Trouble refusal={new Refusal(404, `There is no view “${view.name}”.`, "Choose one above.")} retry={loadSites} />}
        {access === "in" && !site && sites.length === 0 && <NoSites check={loadSites} />}
        {access === "in" && !site && sites.length > 0 && (
          <Trouble refusal={new Refusal(404, `This key knows no site “${view.site}”.`, "Choose a site above.")} retry={loadSites} />
        )}
      </main>
    </>
  );
}

/** The view that the address names; it changes with links, controls, and the browser's ways back and forward. */
function useLocation(): View {
  const [view, setView] = useState<View>(readView);
  useEffect(() => {
    const read = () => setView(readView());
    addEventListener("popstate", read);
    addEventListener("weir-navigated", read);
    const unfollow = followLinks((name) => routes.some((r) => r.name === name));
    return () => {
      removeEventListener("popstate", read);
      removeEventListener("weir-navigated", read);
      unfollow();
    };
  }, []);
  return view;
}

function NoSites({ check }: { check: () => void }) {
  return (
    <section class="guide" aria-labelledby="guide">
      <h1 id="guide">No site yet</h1>
      <p>A site appears here with its first hits. Read an access log that you already have:</p>
      <pre tabIndex={0}><code>./weir import access.log --site example.com</code></pre>
      <p>Or put the edge in front of a site:</p>
      <pre tabIndex={0}><code>./weir up --origin http://127.0.0.1:3000</code></pre>
      <button type="button" onClick={check}>Look again</button>
    </section>
  );
}
