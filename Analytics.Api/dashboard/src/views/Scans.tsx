import type { Scan, TargetItem, TargetResult, Trigger } from "../api/client";
import { Count, When } from "../components/Figure";
import { Choice } from "../components/Filters";
import { Identity } from "../components/Identity";
import { Listing, Waiting, type Column } from "../components/Listing";
import { Trouble } from "../components/Notes";
import { Panel } from "../components/Panel";
import { filter, hrefTo, usePlace } from "../navigation";
import { usePages, useReport } from "../useReport";

const tabs = [["queue", "Queue"], ["triggers", "Triggers"], ["targets", "Targets and results"]] as const;

/** What is to be asked of the engines, why, and what was found. */
export function Scans() {
  const { view } = usePlace();
  const tab = view.filters["tab"] ?? "queue";
  return (
    <>
      <nav class="tabs" aria-label="Of scans">
        {tabs.map(([name, label]) => <a key={name} href={hrefTo(view, "scans", name === "queue" ? {} : { tab: name })} aria-current={name === tab ? "page" : undefined}>{label}</a>)}
      </nav>
      {tab === "triggers" ? <Triggers /> : tab === "targets" ? <Targets /> : <Queue />}
    </>
  );
}

const states = [["queued", "queued"], ["leased", "leased"], ["done", "done"], ["dead", "dead letter"]] as const;
const resultNames: Record<string, string> = { cited: "cited", gap: "gap", lost_citation: "lost citation" };

function Queue() {
  const { view } = usePlace();
  const state = view.filters["state"] ?? "";
  const list = usePages<Scan>(`/v1/scans?limit=100${state && `&state=${state}`}`);
  const id = view.filters["scan"];
  return (
    <>
      {id && <OneScan id={id} />}
      <Panel id="queue" title="Scans">
        <div class="filters"><Choice label="State" value={state} choices={states} change={(value) => filter(view, { state: value, scan: "" })} /></div>
        <Listing
          caption="Scans by number" from={list} keyOf={(row) => row.id}
          columns={[
            { name: "Scan", isHead: true, cell: (row) => <><a href={hrefTo(view, "scans", { ...view.filters, scan: String(row.id) })}>{row.query}</a><small>{row.brand} on {row.engine}</small></> },
            { name: "State", cell: (row) => <>{states.find(([s]) => s === row.state)?.[1] ?? row.state}{row.result && <small>{resultNames[row.result] ?? row.result}</small>}</> },
            { name: "Why now", cell: (row) => <span class="words">{row.reason ?? row.whyNow}</span> },
            { name: "Triggers", isNumber: true, cell: (row) => <Count of={row.triggerCount} /> },
            { name: "Due", isNumber: true, cell: (row) => <When at={row.due} /> },
            { name: "Finished", isNumber: true, cell: (row) => (row.finished ? <When at={row.finished} /> : "–") },
          ]}
          empty={state ? "No scan is in this state." : "No scan yet. Say which question a page answers (POST /v1/targets, or import a list); when a verified crawler of an engine fetches that page, a scan stands here."}
        />
      </Panel>
    </>
  );
}

function OneScan({ id }: { id: string }) {
  const { view } = usePlace();
  const report = useReport<Scan>(/^\d+$/.test(id) ? `/v1/scans/${id}` : null);
  const scan = report.data;
  return (
    <Panel id="scan" title={`Scan ${id}`} tools={<a href={hrefTo(view, "scans", { ...view.filters, scan: "" })}>Close</a>}>
      {report.error ? <Trouble refusal={report.error} retry={report.again} /> : !scan ? <Waiting /> : (
        <>
          <p><strong>{scan.query}</strong> for {scan.brand} on {scan.engine}</p>
          <p>{scan.whyNow}</p>
          <Listing caption="Triggers of this scan" from={{ items: scan.triggers ?? [], error: null, again: report.again }} keyOf={(row) => row.id} columns={triggerColumns} empty="No crawl triggered it: it was due by time." />
        </>
      )}
    </Panel>
  );
}

const triggerColumns: Column<Trigger>[] = [
  { name: "When", isHead: true, cell: (row) => <When at={row.at} isExact /> },
  { name: "Crawler", cell: (row) => row.crawler },
  { name: "Identity", cell: (row) => <Identity name={row.identity} /> },
  { name: "Page", cell: (row) => row.path, textOf: (row) => `${row.site} ${row.path}` },
  { name: "Engine", cell: (row) => row.engine },
  { name: "Weight", isNumber: true, cell: (row) => row.weight },
  { name: "Scans", isNumber: true, cell: (row) => row.scans.length },
];

function Triggers() {
  const list = usePages<Trigger>("/v1/triggers?limit=200", 0, "after");
  return (
    <Panel id="triggers" title="Triggers in the order of recording">
      <Listing caption="Triggers in the order of recording" from={list} keyOf={(row) => row.id} columns={triggerColumns}
        empty="No trigger yet. One is recorded when a crawler that feeds an engine fetches a page that a target names; spoofed crawlers and unchanged pages give none." />
    </Panel>
  );
}

function Targets() {
  const { view } = usePlace();
  const list = usePages<TargetItem>("/v1/targets?limit=100");
  const id = view.filters["target"];
  return (
    <>
      {id && <Results id={id} />}
      <Panel id="targets" title="Targets">
        <Listing
          caption="Targets with what their last scan found" from={list} keyOf={(row) => row.id}
          columns={[
            { name: "Question", isHead: true, cell: (row) => <><a href={hrefTo(view, "scans", { tab: "targets", target: String(row.id) })}>{row.query}</a><small>{row.brand} on {row.engine}</small></> },
            { name: "Pages", cell: (row) => <span class="words">{row.pages.map((page) => `${page.site} ${page.pattern}`).join(", ")}</span> },
            { name: "Last result", cell: (row) => (row.lastResult ? (resultNames[row.lastResult] ?? row.lastResult) : "–") },
            { name: "Last scan", isNumber: true, cell: (row) => <When at={row.lastScan} /> },
          ]}
          empty={<>No target yet. POST /v1/targets makes one, POST /v1/targets/import many of a CSV file: see <a href="/docs">the API</a>.</>}
        />
      </Panel>
    </>
  );
}

function Results({ id }: { id: string }) {
  const { view } = usePlace();
  const list = usePages<TargetResult>(`/v1/targets/${encodeURIComponent(id)}/results?limit=100`);
  return (
    <Panel id="results" title={`Results of target ${id}`} tools={<a href={hrefTo(view, "scans", { tab: "targets" })}>Close</a>}>
      <Listing
        caption="What this target's scans found, newest first" from={list} keyOf={(row) => row.id}
        columns={[
          { name: "When", isHead: true, cell: (row) => <When at={row.at} isExact /> },
          { name: "Found", cell: (row) => resultNames[row.result] ?? row.result },
          { name: "Changed", cell: (row) => (row.changed === null || row.changed === undefined ? "first result" : row.changed ? "yes" : "no") },
          { name: "Scan", isNumber: true, cell: (row) => <a href={hrefTo(view, "scans", { scan: String(row.scan) })}>{row.scan}</a> },
        ]}
        empty="Not scanned yet."
      />
    </Panel>
  );
}
