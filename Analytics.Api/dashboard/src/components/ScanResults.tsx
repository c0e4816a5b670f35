import type { ResultRow } from "../api/client";
import { filter, hrefTo, usePlace } from "../navigation";
import { usePages } from "../useReport";
import { Exports } from "./Exports";
import { When } from "./Figure";
import { Choice } from "./Filters";
import { Listing } from "./Listing";
import { Panel } from "./Panel";

export const resultNames: Record<string, string> = { cited: "cited", gap: "gap", lost_citation: "lost citation" };

/** What scans found, the newest first, with their proof. */
export function ScanResults() {
  const { view } = usePlace();
  const { result = "", changed = "", brand = "" } = view.filters;
  const query = new URLSearchParams({ ...(result && { result }), ...(changed && { changed }), ...(brand && { brand }), limit: "100" });
  const url = `/v1/results?${query}`;
  const list = usePages<ResultRow>(url);
  return (
    <Panel id="results" title="Results" tools={<Exports url={url} subject="results" />}>
      <div class="filters">
        <Choice label="Found" value={result} choices={Object.entries(resultNames)} change={(value) => filter(view, { result: value })} />
        <Choice label="Changed" value={changed} choices={[["true", "yes"], ["false", "no"]]} change={(value) => filter(view, { changed: value })} />
        {brand && <a href={hrefTo(view, "scans", { ...view.filters, brand: "" })}>All brands</a>}
      </div>
      <Listing
        caption="What scans found, the newest first" from={list} keyOf={(row) => row.id}
        columns={[
          { name: "When", isHead: true, cell: (row) => <a href={hrefTo(view, "scans", { tab: "queue", scan: String(row.scan) })}><When at={row.at} isExact /></a> },
          { name: "Question", cell: (row) => <><span class="words">{row.query}</span><small>{row.brand} on {row.engine}</small></> },
          { name: "Found", cell: (row) => <span class={row.result === "lost_citation" ? "bad" : undefined}>{resultNames[row.result] ?? row.result}</span> },
          { name: "Changed", cell: (row) => (row.changed === null || row.changed === undefined ? "first result" : row.changed ? "yes" : "no") },
          { name: "Evidence", cell: (row) => <Evidence of={row.evidence} /> },
        ]}
        empty={result || changed || brand ? "No result is like that." : "No result yet. weir worker asks the engines, or any program that leases scans by the API."}
      />
    </Panel>
  );
}

/** What a worker sent, as it is: the words of somebody's page or engine, so text and nothing else. */
function Evidence({ of }: { of: unknown }) {
  if (of === null || of === undefined) return <span class="quiet">none</span>;
  return <details><summary>Show</summary><pre class="words">{JSON.stringify(of, null, 1)}</pre></details>;
}
