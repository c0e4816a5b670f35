import type { Site } from "../api/client";
import { ranges, type Verdict, type View } from "../view";

interface Props {
  sites: Site[];
  site: string | null;
  view: View;
  show: (view: View) => void;
  leave: (() => void) | null;
}

export function Header({ sites, site, view, show, leave }: Props) {
  const unknown = site !== null && !sites.some((s) => s.site === site);
  return (
    <header class="top">
      <h1>
        <svg viewBox="0 0 32 32" aria-hidden="true"><path d="M4 12c4-3.4 8-3.4 12 0s8 3.4 12 0M4 21c4-3.4 8-3.4 12 0s8 3.4 12 0" /></svg>
        Weir
      </h1>
      {sites.length > 0 && (
        <label class="site">
          <span class="hidden">Site</span>
          <select value={site ?? ""} onChange={(e) => show({ ...view, site: e.currentTarget.value })}>
            {unknown && <option value={site}>{site}</option>}
            {sites.map((s) => <option key={s.site} value={s.site}>{s.name || s.site}</option>)}
          </select>
        </label>
      )}
      <fieldset class="ranges">
        <legend class="hidden">Range</legend>
        {ranges.map((range) => (
          <label key={range.name} class={range.name === view.range ? "chosen" : ""}>
            <input
              type="radio"
              name="range"
              value={range.name}
              aria-label={range.label}
              checked={range.name === view.range}
              onChange={() => show({ ...view, site, range: range.name })}
            />
            {range.short}
          </label>
        ))}
      </fieldset>
      <label class="verdict">
        <span class="hidden">Verdicts</span>
        <select
          value={view.verdict}
          title="Late identities and weir reclassify amend what a hit was judged when it came"
          onChange={(e) => show({ ...view, site, verdict: e.currentTarget.value as Verdict })}
        >
          <option value="reclassified">As known now</option>
          <option value="original">As first judged</option>
        </select>
      </label>
      <nav aria-label="More">
        <a href="/docs">API</a>
        {leave && <button type="button" class="plain" onClick={leave}>Sign out</button>}
      </nav>
    </header>
  );
}
