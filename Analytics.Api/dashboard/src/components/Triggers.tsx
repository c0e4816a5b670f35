import type { Trigger } from "../api/client";
import { filter, usePlace } from "../navigation";
import { usePages } from "../useReport";
import { When } from "./Figure";
import { Choice } from "./Filters";
import { Identity } from "./Identity";
import { Listing, type Column } from "./Listing";
import { Panel } from "./Panel";

/** What each class of trigger is called and says. */
const classes: Record<string, { name: string; means: string }> = {
  "crawl-changed": { name: "new text crawled", means: "A crawler that the engine answers from read a page whose text is new to it, or may be. A scan is due." },
  "crawl-same": { name: "same text crawled", means: "It read the same text again, or was told that nothing changed. Listed on the next scan, and alone no reason for one." },
  "user-fetch": { name: "fetched for a person", means: "The engine fetched the page because a person asked it something. A scan is due." },
  competitor: { name: "competitor published", means: "You or a program of yours said that a competitor published something. A scan is due." },
  "engine-update": { name: "engine updated", means: "The engine's model or index was updated, as an event said. A scan of all its targets is due." },
  trending: { name: "question trends", means: "A question is asked more often than usual, as an event said. A scan is due." },
  sitemap: { name: "sitemap changed", means: "The site's sitemap names the page for the first time, or as changed. A scan is due." },
};

export const triggerColumns: Column<Trigger>[] = [
  { name: "When", isHead: true, cell: (row) => <When at={row.at} isExact /> },
  { name: "What", cell: (row) => <Class of={row} /> },
  { name: "Crawler or event", cell: (row) => <>{row.crawler ?? row.event}{row.note && <small>{row.note}</small>}</> },
  { name: "Identity", cell: (row) => (row.identity ? <Identity name={row.identity} /> : "") },
  { name: "Page", cell: (row) => row.path, textOf: (row) => `${row.site} ${row.path}` },
  { name: "Engine", cell: (row) => row.engine },
  { name: "Weight", isNumber: true, cell: (row) => row.weight },
  { name: "Scans", isNumber: true, cell: (row) => row.scans.length },
];

function Class({ of }: { of: Trigger }) {
  return <><span title={classes[of.class]?.means}>{classes[of.class]?.name ?? of.class}</span>{of.content && <small>text: {of.content}</small>}</>;
}

/** What says that answers may have changed. */
export function Triggers() {
  const { view } = usePlace();
  const of = view.filters["class"] ?? "";
  const list = usePages<Trigger>(`/v1/triggers?limit=200${of && `&class=${encodeURIComponent(of)}`}`, 0, "after");
  return (
    <Panel id="triggers" title="Triggers in the order of recording">
      <div class="filters"><Choice label="Class" value={of} choices={Object.entries(classes).map(([value, c]) => [value, c.name] as const)} change={(value) => filter(view, { class: value })} /></div>
      {classes[of] ? <p class="quiet">{classes[of].means}</p> : (
        <details class="why">
          <summary>What the classes mean</summary>
          <dl>{Object.entries(classes).map(([value, c]) => <div key={value}><dt>{c.name}</dt><dd>{c.means}</dd></div>)}</dl>
        </details>
      )}
      <Listing caption="Triggers in the order of recording" from={list} keyOf={(row) => row.id} columns={triggerColumns}
        empty={of ? "No trigger of this class yet." : "No trigger yet. One is recorded when a crawler that feeds an engine fetches a page that a target names; spoofed crawlers give none, and an unchanged page no scan."} />
    </Panel>
  );
}
