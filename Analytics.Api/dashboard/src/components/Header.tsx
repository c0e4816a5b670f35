import { useEffect, useState } from "preact/hooks";
import type { Site } from "../api/client";
import { go } from "../navigation";
import { routes } from "../routes";
import { hrefOf, type View } from "../view";

interface Props {
  sites: Site[];
  site: string | null;
  view: View;
  leave: (() => void) | null;
}

/** Which site, and the ways to its views. */
export function Header({ sites, site, view, leave }: Props) {
  const unknown = site !== null && !sites.some((s) => s.site === site);
  return (
    <header class="top">
      <p class="brand">
        <svg viewBox="0 0 32 32" aria-hidden="true"><path d="M4 12c4-3.4 8-3.4 12 0s8 3.4 12 0M4 21c4-3.4 8-3.4 12 0s8 3.4 12 0" /></svg>
        Weir
      </p>
      {sites.length > 0 && (
        <label class="site">
          <span class="hidden">Site</span>
          <select value={site ?? ""} onChange={(e) => go(hrefOf({ ...view, site: e.currentTarget.value, filters: {} }))}>
            {unknown && <option value={site}>{site}</option>}
            {sites.map((s) => <option key={s.site} value={s.site}>{s.name || s.site}</option>)}
          </select>
        </label>
      )}
      <div class="more">
        <a href="/docs">API</a>
        {leave && <button type="button" class="plain" onClick={leave}>Sign out</button>}
      </div>
      {site && <Navigation view={{ ...view, site }} />}
    </header>
  );
}

/** Links to all views; on a narrow window behind a button. */
function Navigation({ view }: { view: View }) {
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => setIsOpen(false), [view.name]);
  const current = view.name === "crawler" ? "crawlers" : view.name;
  const shown = routes.find((r) => r.name === current);
  return (
    <nav class="views" aria-label="Views" onKeyDown={(e) => { if (e.key === "Escape") setIsOpen(false); }}>
      <button type="button" class="menu" aria-expanded={isOpen} aria-controls="views" onClick={() => setIsOpen(!isOpen)}>
        <span aria-hidden="true">☰</span> {shown ? shown.label : "Views"}<span class="hidden"> (all views)</span>
      </button>
      <ul id="views" class={isOpen ? "open" : ""}>
        {routes.filter((r) => !r.isHidden).map((route) => (
          <li key={route.name}>
            <a href={hrefOf({ ...view, name: route.name, filters: {} })} aria-current={route.name === current ? "page" : undefined}>{route.label}</a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
