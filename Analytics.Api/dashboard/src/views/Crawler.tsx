import { reportUrl, type CrawlerDetail, type CrawlerPathRow, type HitRow } from "../api/client";
import { crawlerColumns } from "../components/crawlerColumns";
import { Exports } from "../components/Exports";
import { Count, When } from "../components/Figure";
import { HitTable } from "../components/HitTable";
import { Listing, Waiting } from "../components/Listing";
import { Trouble } from "../components/Notes";
import { Panel } from "../components/Panel";
import { lengthOf } from "../format";
import { hrefTo, usePlace } from "../navigation";
import { usePages, useReport } from "../useReport";
import { useSpan } from "../useSpan";

/** One crawler on this site: how much of it is real, how it comes back, and to which pages. */
export function Crawler() {
  const { view, site } = usePlace();
  const { span } = useSpan();
  const id = view.filters["crawler"] ?? "";
  const judged = { from: span.from, to: span.to, verdict: view.verdict };
  const url = reportUrl(site.site, `crawlers/${encodeURIComponent(id)}`, { ...judged, limit: "50" });
  const report = useReport<CrawlerDetail>(id ? url : null);
  const paths = usePages<CrawlerPathRow>(url);
  const hits = usePages<HitRow>(reportUrl(site.site, "hits", { ...judged, crawler: id, limit: "20" }));
  const detail = report.data;
  const name = detail?.crawler.name ?? id;
  return (
    <>
      <p><a href={hrefTo(view, "crawlers")}>All crawlers</a></p>
      <Panel id="figures" title={name}>
        <Listing caption={`${name} in figures`} from={{ items: detail && [detail.crawler], error: report.error, again: report.again }} columns={crawlerColumns(view, false)} keyOf={(row) => row.crawler} empty="It did not come." />
        {detail && <Habits detail={detail} />}
      </Panel>
      <Panel id="paths" title="Its pages" tools={<Exports url={url} subject={`pages of ${name}`} />}>
        <Listing
          caption={`Pages that ${name} fetched, most fetched first`} from={paths} keyOf={(row) => row.path}
          columns={[
            { name: "Path", isHead: true, cell: (row) => row.path, textOf: (row) => row.path },
            { name: "Hits", isNumber: true, cell: (row) => <Count of={row.hits} to={{ crawler: id, path: row.path }} label={`hits of ${name} on ${row.path}`} /> },
            { name: "Verified", isNumber: true, cell: (row) => <Count of={row.verified} to={{ crawler: id, path: row.path, identity: "verified" }} label={`verified hits on ${row.path}`} /> },
            { name: "Spoofed", isNumber: true, cell: (row) => <Count of={row.spoofed} to={{ crawler: id, path: row.path, identity: "spoofed" }} label={`spoofed hits on ${row.path}`} /> },
            { name: "Errors", isNumber: true, cell: (row) => <Count of={row.errors} /> },
            { name: "Last", isNumber: true, cell: (row) => <When at={row.lastSeen} /> },
          ]}
          empty="It fetched nothing in this range. Choose a longer one above."
        />
      </Panel>
      <Panel id="hits" title="Its newest hits" tools={<a href={hrefTo(view, "hits", { crawler: id })}>All of them</a>}>
        {hits.error && <Trouble refusal={hits.error} retry={hits.again} />}
        {!hits.items ? (hits.error ? null : <Waiting />) : hits.items.length === 0 ? <p class="quiet">None in this range.</p> : <HitTable hits={hits.items} caption="Newest hits of this crawler" isTall />}
      </Panel>
    </>
  );
}

function Habits({ detail }: { detail: CrawlerDetail }) {
  const { view } = usePlace();
  const { habits, spoofRate, statuses } = detail;
  const percent = (part: number) => `${Math.round(part * 1000) / 10} %`;
  return (
    <dl class="facts-list">
      <div>
        <dt>Spoofed</dt>
        <dd>{spoofRate ? `${percent(spoofRate.rate)} of what can be told (95 % interval ${percent(spoofRate.low)} to ${percent(spoofRate.high)})` : "cannot be told: none of its hits is verified or spoofed"}</dd>
      </div>
      <div>
        <dt>Comes back to a page</dt>
        <dd>
          {!habits ? "the range has too many of its hits to compare; choose a shorter one"
            : habits.recrawlMedianSeconds === null || habits.recrawlMedianSeconds === undefined ? "it fetched no page twice in this range"
            : `after ${lengthOf(habits.recrawlMedianSeconds)} (median), nine times of ten within ${lengthOf(habits.recrawlP90Seconds ?? 0)}`}
        </dd>
      </div>
      {habits && <div><dt>First seen of all</dt><dd><When at={habits.firstSeenEver} /></dd></div>}
      <div>
        <dt>Answers</dt>
        <dd>{statuses.map((s) => <span key={s.status} class="pair"><a href={hrefTo(view, "hits", { crawler: detail.crawler.crawler, status: String(s.status) })}>{s.status || "none"}</a> <Count of={s.hits} /> </span>)}</dd>
      </div>
    </dl>
  );
}
