import { useCallback, useEffect, useRef } from "preact/hooks";
import { reportUrl, type CrawlerRow, type PageRow, type Series, type Summary } from "../api/client";
import { Anomalies } from "../components/Anomalies";
import { crawlerColumns } from "../components/crawlerColumns";
import { Exports } from "../components/Exports";
import { When } from "../components/Figure";
import { Figures } from "../components/Figures";
import { FirstSteps } from "../components/FirstSteps";
import { Listing } from "../components/Listing";
import { LiveHits } from "../components/LiveHits";
import { Trouble } from "../components/Notes";
import { pageColumns } from "../components/pageColumns";
import { Panel } from "../components/Panel";
import { SeriesPanel } from "../components/SeriesPanel";
import { count } from "../format";
import { audience, linesOf } from "../lines";
import { filter, hrefTo, usePlace } from "../navigation";
import { usePages, useReport } from "../useReport";
import { useSpan } from "../useSpan";
import { isOld } from "../view";

const refreshEvery = 30_000;
const refreshAfterHit = 2_000;

/** One site in one screen. */
export function Overview() {
  const { view, site, sitesChanged } = usePlace();
  const { span, now, refresh } = useSpan(refreshEvery);
  const judged = { from: span.from, to: span.to, verdict: view.verdict };
  const summary = useReport<Summary>(reportUrl(site.site, "summary", { ...judged, ...(span.previous && { compare: "previous" }) }), span.asOf);
  const by = cuts.find(([value]) => value === view.filters["by"])?.[0] ?? "audience";
  const isEmpty = site.hits === 0 && summary.data?.hits === 0;
  const refreshSoon = useSoon(() => { if (isEmpty || isOld(site, now)) sitesChanged(); refresh(); }, refreshAfterHit);
  return (
    <>
      {summary.error && <Trouble refusal={summary.error} retry={refresh} />}
      <Completeness summary={summary.data} />
      {isEmpty ? <FirstSteps /> : (
        <>
          <Figures summary={summary.data} before={summary.data?.previous ?? null} hasBefore={span.previous !== null} />
          {span.previous && <Anomalies span={span} />}
          <SeriesPanel title="Hits over time" by={by} span={span} lines={by === "audience" ? audience : largest} choice={<Lines by={by} />} />
          <div class="columns">
            <TopCrawlers judged={judged} asOf={span.asOf} />
            <TopPages judged={judged} asOf={span.asOf} />
          </div>
        </>
      )}
      <LiveHits most={50} asOf={now} onHit={refreshSoon} />
    </>
  );
}

const cuts = [
  ["kind", "kind"], ["crawler", "crawler"], ["operator", "operator"], ["purpose", "purpose"], ["identity", "identity"], ["status", "status"], ["country", "country"], ["path", "part of the site"],
] as const;

const largest = (series: Series) => linesOf(series.lines);

/** What the lines are; it stands in the URL like every other choice. */
function Lines({ by }: { by: string }) {
  const { view } = usePlace();
  return (
    <select aria-label="Lines by" value={by === "audience" ? "" : by} onChange={(e) => filter(view, { by: e.currentTarget.value })}>
      <option value="">by audience</option>
      {cuts.map(([value, name]) => <option key={value} value={value}>by {name}</option>)}
    </select>
  );
}

type Judged = { from: string; to: string; verdict: string };

function TopCrawlers({ judged, asOf }: { judged: Judged; asOf: number }) {
  const { view, site } = usePlace();
  const url = reportUrl(site.site, "crawlers", { ...judged, limit: "10" });
  const list = usePages<CrawlerRow>(url, asOf);
  return (
    <Panel id="crawlers" title="Crawlers" tools={<Exports url={url} subject="crawlers" />}>
      <Listing caption="Crawlers by hits" from={{ ...list, hasMore: false }} columns={crawlerColumns(view, true)} keyOf={(row) => row.crawler} empty="No crawler came in this range." />
      {list.hasMore && <p class="quiet">The first ten. <a href={hrefTo(view, "crawlers")}>All crawlers</a></p>}
    </Panel>
  );
}

function TopPages({ judged, asOf }: { judged: Judged; asOf: number }) {
  const { view, site } = usePlace();
  const url = reportUrl(site.site, "pages", { ...judged, limit: "10" });
  const list = usePages<PageRow>(url, asOf);
  return (
    <Panel id="pages" title="Pages" tools={<Exports url={url} subject="pages" />}>
      <Listing caption="Pages by crawler hits" from={{ ...list, hasMore: false }} columns={pageColumns(true)} keyOf={(row) => row.path} empty="No page was asked for in this range." />
      {list.hasMore && <p class="quiet">The first ten. <a href={hrefTo(view, "pages")}>All pages</a></p>}
    </Panel>
  );
}

function Completeness({ summary }: { summary: Summary | null }) {
  if (!summary) return <p class="completeness" role="status">Loading…</p>;
  return (
    <p class="completeness" role="status">
      Complete until <When at={summary.completeUntil} />,{" "}
      <span class={summary.lost > 0 ? "lost some" : "lost"}>{count(summary.lost)} lost</span>
      <span class="quiet"> · {count(summary.hits)} hits from {count(summary.clients)} addresses</span>
    </p>
  );
}

/** Runs the newest action once, some time after the first of several calls. */
function useSoon(action: () => void, wait: number): () => void {
  const newest = useRef(action);
  newest.current = action;
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    if (timer.current) return;
    timer.current = window.setTimeout(() => {
      timer.current = 0;
      newest.current();
    }, wait);
  }, [wait]);
}
