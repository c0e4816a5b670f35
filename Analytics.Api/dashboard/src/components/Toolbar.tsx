import { go } from "../navigation";
import type { Route } from "../routes";
import { browserZone, dayOf } from "../time";
import { hrefOf, ranges, type Days, type RangeName, type Verdict, type View } from "../view";

interface Props {
  route: Route;
  view: View;
  range: RangeName;
  /** The span shown now, from which choosing days starts. */
  shown: { from: string; to: string };
}

/** What the view's figures are cut by: span, verdicts, time zone. All of it goes to the URL. */
export function Toolbar({ route, view, range, shown }: Props) {
  const show = (change: Partial<View>) => go(hrefOf({ ...view, ...change }));
  return (
    <div class="controls" role="group" aria-label="What is counted">
      {route.controls.includes("range") && <Ranges view={view} range={range} shown={shown} show={show} />}
      {route.controls.includes("verdict") && (
        <label>
          <span class="hidden">Verdicts</span>
          <select
            value={view.verdict}
            title="Late identities and weir reclassify amend what a hit was judged when it came"
            onChange={(e) => show({ verdict: e.currentTarget.value as Verdict })}
          >
            <option value="reclassified">As known now</option>
            <option value="original">As first judged</option>
          </select>
        </label>
      )}
      <label>
        <span class="hidden">Time zone</span>
        <select class="zone" value={view.zone} onChange={(e) => show({ zone: e.currentTarget.value })}>
          <option value="">{`${browserZone} (this browser)`}</option>
          {zones.filter((zone) => zone !== browserZone).map((zone) => <option key={zone} value={zone}>{zone}</option>)}
        </select>
      </label>
    </div>
  );
}

const zones = ["UTC", ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC")];

function Ranges({ view, range, shown, show }: Omit<Props, "route"> & { show: (change: Partial<View>) => void }) {
  const days: Days = view.days ?? { from: dayOf(Date.parse(shown.from)), to: dayOf(Date.parse(shown.to) - 1) };
  const choose = (name: RangeName) => show(name === "dates" ? { range: name, days } : { range: name, days: null });
  const change = (next: Days) => {
    if (next.from && next.to && next.from <= next.to) show({ range: "dates", days: next });
  };
  return (
    <>
      <fieldset class="ranges">
        <legend class="hidden">Range</legend>
        {ranges.map((choice) => (
          <label key={choice.name} class={choice.name === range ? "chosen" : ""}>
            <input type="radio" name="range" value={choice.name} aria-label={choice.label} checked={choice.name === range} onChange={() => choose(choice.name)} />
            {choice.short}
          </label>
        ))}
      </fieldset>
      {range === "dates" && (
        <span class="days">
          <label><span class="hidden">First day</span><input type="date" value={days.from} max={days.to} onChange={(e) => change({ ...days, from: e.currentTarget.value })} /></label>
          <span aria-hidden="true">–</span>
          <label><span class="hidden">Last day</span><input type="date" value={days.to} min={days.from} onChange={(e) => change({ ...days, to: e.currentTarget.value })} /></label>
        </span>
      )}
    </>
  );
}
