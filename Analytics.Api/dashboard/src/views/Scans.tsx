import { change, type Scan, type ScanExplanation, type TargetItem, type TargetOutlook, type TargetResult } from "../api/client";
import { Brands } from "../components/Brands";
import { Count, When } from "../components/Figure";
import { Choice } from "../components/Filters";
import { Listing, Table, Waiting } from "../components/Listing";
import { Trouble } from "../components/Notes";
import { Panel } from "../components/Panel";
import { ScanBudget } from "../components/ScanBudget";
import { ScanOverview } from "../components/ScanOverview";
import { resultNames, ScanResults } from "../components/ScanResults";
import { Suggestions } from "../components/Suggestions";
import { triggerColumns, Triggers } from "../components/Triggers";
import { Webhooks } from "../components/Webhooks";
import { filter, hrefTo, usePlace } from "../navigation";
import { useAction } from "../useAction";
import { usePages, useReport } from "../useReport";

const tabs = [
  ["overview", "In sum"], ["queue", "Queue"], ["results", "Results"], ["brands", "Brands"], ["triggers", "Triggers"], ["targets", "Targets"], ["suggestions", "Suggestions"], ["budget", "Budget"], ["webhooks", "Webhooks"],
] as const;

const shown: Record<string, () => preact.ComponentChildren> = {
  overview: () => <ScanOverview />, results: () => <ScanResults />, brands: () => <Brands />, triggers: () => <Triggers />, targets: () => <Targets />, suggestions: () => <Suggestions />, budget: () => <ScanBudget />, webhooks: () => <Webhooks />,
};

/** What is to be asked of the engines, why, and what was found. */
export function Scans() {
  const { view } = usePlace();
  const tab = view.filters["tab"] ?? (view.filters["scan"] || view.filters["state"] ? "queue" : "overview");
  return (
    <>
      <nav class="tabs" aria-label="Of scans">
        {tabs.map(([name, label]) => <a key={name} href={hrefTo(view, "scans", name === "overview" ? {} : { tab: name })} aria-current={name === tab ? "page" : undefined}>{label}</a>)}
      </nav>
      {(shown[tab] ?? (() => <Queue />))()}
    </>
  );
}

const states = [["queued", "queued"], ["leased", "leased"], ["done", "done"], ["dead", "dead letter"]] as const;

function Queue() {
  const { view } = usePlace();
  const state = view.filters["state"] ?? "";
  const list = usePages<Scan>(`/v1/scans?limit=100${state && `&state=${state}`}`);
  const id = view.filters["scan"];
  const action = useAction(list.again);
  return (
    <>
      {id && <OneScan id={id} />}
      {action.said}
      <Panel id="queue" title="Scans">
        <div class="filters"><Choice label="State" value={state} choices={states} change={(value) => filter(view, { tab: "queue", state: value, scan: "" })} /></div>
        <Listing
          caption="Scans by number" from={list} keyOf={(row) => row.id}
          columns={[
            { name: "Scan", isHead: true, cell: (row) => <><a href={hrefTo(view, "scans", { ...view.filters, tab: "queue", scan: String(row.id) })}>{row.query}</a><small>{row.brand} on {row.engine}</small></> },
            { name: "State", cell: (row) => <>{states.find(([s]) => s === row.state)?.[1] ?? row.state}{row.result && <small>{resultNames[row.result] ?? row.result}</small>}</> },
            { name: "Why now", cell: (row) => <span class="words">{row.reason ?? row.whyNow}</span> },
            { name: "Triggers", isNumber: true, cell: (row) => <Count of={row.triggerCount} /> },
            { name: "Due", isNumber: true, cell: (row) => <When at={row.due} /> },
            { name: "Finished", isNumber: true, cell: (row) => (row.finished ? <When at={row.finished} /> : "–") },
            ...(state === "dead" ? [{ name: "Again", cell: (row: Scan) => <button type="button" aria-label={`Replay ${row.query} on ${row.engine}`} disabled={action.isBusy} onClick={() => action.run(() => change("POST", `/v1/scans/${row.id}/replay`), `${row.query} on ${row.engine} is queued again.`)}>Replay</button> }] : []),
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
    <Panel id="scan" title={`Scan ${id}`} tools={<a href={hrefTo(view, "scans", { ...view.filters, tab: "queue", scan: "" })}>Close</a>}>
      {report.error ? <Trouble refusal={report.error} retry={report.again} /> : !scan ? <Waiting /> : (
        <>
          <p><strong>{scan.query}</strong> for {scan.brand} on {scan.engine}</p>
          <p>{scan.whyNow}</p>
          <Why id={id} />
          <Listing caption="Triggers of this scan" from={{ items: scan.triggers ?? [], error: null, again: report.again }} keyOf={(row) => row.id} columns={triggerColumns} empty="No crawl triggered it: it was due by time." />
        </>
      )}
    </Panel>
  );
}

/** The numbers behind "why now". */
function Why({ id }: { id: string }) {
  const decision = useReport<ScanExplanation>(`/v1/scans/${id}/why`).data?.decision;
  if (!decision) return null;
  const percent = (part?: number) => `${Math.round((part ?? 0) * 100)} %`;
  const rows: [string, string][] = [
    ["Decided", `${decision.at} by ${decision.policy}${decision.rule ? `, rule “${decision.rule}”` : ""}${decision.isFallback ? ", by intervals, since the belief was lost or planning was late" : ""}`],
    ["Chance of a change", percent(decision.changeChance)],
    ["Of it usual drift", percent(decision.driftShare)],
    ["Changes a day, without signals", (decision.ratePerDay ?? 0).toFixed(3)],
    ["Volatility", `${Math.round(decision.volatilityScore ?? 0)} of 100`],
    ["Days since the last scan", decision.daysSinceScan === null || decision.daysSinceScan === undefined ? "never scanned" : decision.daysSinceScan.toFixed(1)],
    ["Worth, and price", decision.index === null || decision.index === undefined ? "not asked" : `${decision.index.toFixed(4)}, at least ${(decision.price ?? 0).toFixed(4)}`],
  ];
  return (
    <Table caption="Why now, in numbers" rows={rows} keyOf={(row) => row[0]}
      columns={[{ name: "Number", isHead: true, cell: (row) => row[0] }, { name: "Value", cell: (row) => <span class="words">{row[1]}</span> }]} />
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
            { name: "Pages", cell: (row) => <span class="words">{row.pages.map((page) => `${page.site} ${page.pattern}${page.source === "suggested" ? " (suggested)" : ""}`).join(", ")}</span> },
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
  const outlook = useReport<TargetOutlook>(/^\d+$/.test(id) ? `/v1/targets/${id}/outlook` : null).data;
  const action = useAction(list.again);
  return (
    <Panel id="results" title={`Results of target ${id}`} tools={<a href={hrefTo(view, "scans", { tab: "targets" })}>Close</a>}>
      {outlook?.volatilityScore !== null && outlook?.volatilityScore !== undefined && (
        <p class="quiet">Volatility {Math.round(outlook.volatilityScore)} of 100; {Math.round((outlook.changeChance ?? 0) * 100)} % likely changed since its last scan{outlook.nextDue && <>; next due <When at={outlook.nextDue} /> at the earliest</>}.</p>
      )}
      <p><button type="button" disabled={action.isBusy} onClick={() => action.run(() => change("POST", "/v1/scans", { targets: [Number(id)] }), "A scan is asked for.")}>Scan now</button></p>
      {action.said}
      <Listing
        caption="What this target's scans found, newest first" from={list} keyOf={(row) => row.id}
        columns={[
          { name: "When", isHead: true, cell: (row) => <When at={row.at} isExact /> },
          { name: "Found", cell: (row) => resultNames[row.result] ?? row.result },
          { name: "Changed", cell: (row) => (row.changed === null || row.changed === undefined ? "first result" : row.changed ? "yes" : "no") },
          { name: "Scan", isNumber: true, cell: (row) => <a href={hrefTo(view, "scans", { tab: "queue", scan: String(row.scan) })}>{row.scan}</a> },
        ]}
        empty="Not scanned yet."
      />
    </Panel>
  );
}
