import type { BrandReport, BrandRow } from "../api/client";
import { share } from "../format";
import { hrefTo, usePlace } from "../navigation";
import { usePages, useReport } from "../useReport";
import { Exports } from "./Exports";
import { Count, When } from "./Figure";
import { Table, Listing, Waiting } from "./Listing";
import { Trouble } from "./Notes";
import { Panel } from "./Panel";

/** How brands stand in the engines' answers. */
export function Brands() {
  const { view } = usePlace();
  const url = "/v1/brands/report?days=30&limit=100";
  const list = usePages<BrandRow>(url);
  const id = view.filters["brand"];
  return (
    <>
      {id && <OneBrand id={id} />}
      <Panel id="brands" title="Brands" tools={<Exports url={url} subject="brands" />}>
        <Listing
          caption="Brands by last results; scans and changes of 30 days" from={list} keyOf={(row) => row.id}
          columns={[
            { name: "Brand", isHead: true, cell: (row) => <a href={hrefTo(view, "scans", { tab: "brands", brand: String(row.id) })}>{row.brand}</a> },
            { name: "Targets", isNumber: true, cell: (row) => <Count of={row.targets} /> },
            { name: "Scanned", isNumber: true, cell: (row) => share(row.scanned, row.targets) },
            { name: "Cited", isNumber: true, cell: (row) => <Count of={row.cited} /> },
            { name: "Gap", isNumber: true, cell: (row) => <Count of={row.gap} /> },
            { name: "Lost", isNumber: true, cell: (row) => (row.lostCitation > 0 ? <span class="bad"><Count of={row.lostCitation} /></span> : 0) },
            { name: "Scans, 30 d", isNumber: true, cell: (row) => <Count of={row.scans} /> },
            { name: "Changes", isNumber: true, cell: (row) => <Count of={row.changes} /> },
            { name: "Last scan", isNumber: true, cell: (row) => <When at={row.lastScan} /> },
          ]}
          empty={<>No brand has targets yet. POST /v1/targets makes one, POST /v1/targets/import many of a file: see <a href="/docs">the API</a>.</>}
        />
      </Panel>
    </>
  );
}

function OneBrand({ id }: { id: string }) {
  const { view } = usePlace();
  const report = useReport<BrandReport>(/^\d+$/.test(id) ? `/v1/brands/${id}/report?days=30` : null);
  const of = report.data;
  return (
    <Panel id="brand" title={of ? of.brand.brand : `Brand ${id}`} tools={<><a href={hrefTo(view, "scans", { tab: "results", brand: id })}>Its results</a> <a href={hrefTo(view, "scans", { tab: "brands" })}>Close</a></>}>
      {report.error && <Trouble refusal={report.error} retry={report.again} />}
      {!of ? !report.error && <Waiting /> : (
        <>
          <Table
            caption={`${of.brand.brand} by engine`} rows={of.engines} keyOf={(row) => row.engine}
            columns={[
              { name: "Engine", isHead: true, cell: (row) => row.engine },
              { name: "Targets", isNumber: true, cell: (row) => <Count of={row.targets} /> },
              { name: "Cited", isNumber: true, cell: (row) => <Count of={row.cited} /> },
              { name: "Gap", isNumber: true, cell: (row) => <Count of={row.gap} /> },
              { name: "Lost", isNumber: true, cell: (row) => <Count of={row.lostCitation} /> },
              { name: "Scans, 30 d", isNumber: true, cell: (row) => <Count of={row.scans} /> },
              { name: "Changes", isNumber: true, cell: (row) => <Count of={row.changes} /> },
              { name: "Cost", isNumber: true, cell: (row) => row.cost.toFixed(2) },
            ]}
          />
          {of.days.length === 0 ? <p class="quiet">No scan in 30 days.</p> : (
            <Table
              caption={`${of.brand.brand} by day`} rows={of.days} keyOf={(row) => row.day} isTall
              columns={[
                { name: "Day", isHead: true, cell: (row) => row.day },
                { name: "Scans", isNumber: true, cell: (row) => <Count of={row.scans} /> },
                { name: "Cited", isNumber: true, cell: (row) => share(row.cited, row.scans) },
                { name: "Changes", isNumber: true, cell: (row) => <Count of={row.changes} /> },
                { name: "Lost", isNumber: true, cell: (row) => <Count of={row.lost} /> },
              ]}
            />
          )}
        </>
      )}
    </Panel>
  );
}
