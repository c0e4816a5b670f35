import { reportUrl, type ComplianceRow, type RobotsCompliance } from "../api/client";
import { count } from "../format";
import { hrefTo, usePlace } from "../navigation";
import { usePages, useReport } from "../useReport";
import type { Span } from "../view";
import { Exports } from "./Exports";
import { Count, When } from "./Figure";
import { Listing } from "./Listing";
import { Panel } from "./Panel";

/** Who kept to robots.txt: each fetch judged by the version that its crawler could have read. */
export function Compliance({ span }: { span: Span }) {
  const { view, site } = usePlace();
  const url = reportUrl(site.site, "robots/compliance", { from: span.from, to: span.to, verdict: view.verdict, limit: "100" });
  const totals = useReport<RobotsCompliance>(url);
  const list = usePages<ComplianceRow>(url);
  return (
    <Panel id="compliance" title="Who kept to it" tools={<Exports url={url} subject="robots compliance" />}>
      {totals.data && <p class="quiet">{count(totals.data.fetches)} fetches, {count(totals.data.obeyed)} of them allowed, <span class={totals.data.broken > 0 ? "lost some" : ""}>{count(totals.data.broken)} disallowed</span>. Each is judged by the version that its crawler could have read.</p>}
      <Listing
        caption="Crawlers and the lines of robots.txt that they broke" from={list} keyOf={(row) => row.crawler}
        columns={[
          { name: "Crawler", isHead: true, cell: (row) => <><a href={hrefTo(view, "crawler", { crawler: row.crawler })}>{row.name}</a><small>{row.isUserTriggered ? "sent by people: need not ask robots.txt" : row.operator}</small></> },
          { name: "Fetches", isNumber: true, cell: (row) => <Count of={row.fetches} to={{ crawler: row.crawler }} label={`fetches of ${row.name}`} /> },
          { name: "Read robots.txt", isNumber: true, cell: (row) => <Count of={row.robotsFetches} to={{ crawler: row.crawler, path: "/robots.txt" }} label={`fetches of robots.txt by ${row.name}`} /> },
          { name: "Disallowed", isNumber: true, cell: (row) => <Count of={row.isUserTriggered ? row.userTriggeredDisallowed : row.broken} /> },
          { name: "Lines broken", cell: (row) => <Lines row={row} /> },
        ]}
        empty="No fetch of this range can be judged: no crawler came, or no version of robots.txt is known from before."
      />
    </Panel>
  );
}

function Lines({ row }: { row: ComplianceRow }) {
  const { view } = usePlace();
  if (row.lines.length === 0) return row.noVersionKnown > 0 ? <span class="quiet">{count(row.noVersionKnown)} fetches before any known version</span> : <>none</>;
  return (
    <ul class="landing">
      {row.lines.slice(0, 10).map((line) => (
        <li key={`${line.host} ${line.versionHash} ${line.line}`}>
          {line.rule ? <code>{line.rule}</code> : line.why} {count(line.fetches)} times, last <When at={line.lastAt} />
          <small>
            {line.versionHash ? <>line {line.line} of <a href={hrefTo(view, "robots", { hash: line.versionHash })}>version {line.versionHash.slice(0, 12)}</a> of {line.host}, served from <When at={line.versionSeenAt} /></> : line.host}
            {line.examples.length > 0 && <> · such as <a href={hrefTo(view, "hits", { crawler: row.crawler, path: line.examples[0]!.path })}>{line.examples[0]!.path}</a></>}
          </small>
        </li>
      ))}
    </ul>
  );
}
