import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { reportUrl, type CrawlerPage, type PagePage, type PolicyList, type RuleList, type Series, type Site, type Summary } from "../api/client";
import { count, moment } from "../format";
import { useReport } from "../useReport";
import { isOld, spanOf, timeZone, type RangeName, type Verdict } from "../view";
import { Crawlers } from "./Crawlers";
import { Figures } from "./Figures";
import { LiveHits } from "./LiveHits";
import { Guide, Trouble } from "./Notes";
import { Pages } from "./Pages";
import { Policy } from "./Policy";
import { SeriesPanel } from "./SeriesPanel";

const refreshEvery = 30_000;
const refreshAfterHit = 2_000;

interface Props {
  site: Site;
  range: RangeName;
  verdict: Verdict;
  signedOut: () => void;
  sitesChanged: () => void;
}

export function Overview({ site, range, verdict, signedOut, sitesChanged }: Props) {
  const [now, refresh] = useNow(range);
  const span = useMemo(() => spanOf(range, now, site), [range, now, site.firstHit, site.lastHit]);
  const times = { from: span.from, to: span.to };
  const judged = { ...times, verdict };
  const summaryUrl = reportUrl(site.site, "summary", judged);
  const seriesUrl = reportUrl(site.site, "series", { ...judged, interval: span.interval, by: "audience", tz: timeZone });
  const crawlersUrl = reportUrl(site.site, "crawlers", { ...judged, limit: "10" });
  const pagesUrl = reportUrl(site.site, "pages", { ...judged, limit: "10" });
  const policyUrl = reportUrl(site.site, "policy", times);
  // Rules are of now, whatever range is looked at; asked again with everything else.
  const rulesUrl = reportUrl(site.site, "policy/rules", { now: String(now) });

  const summary = useReport<Summary>(summaryUrl);
  const before = useReport<Summary>(span.previous && reportUrl(site.site, "summary", { ...span.previous, verdict }));
  const series = useReport<Series>(seriesUrl);
  const crawlers = useReport<CrawlerPage>(crawlersUrl);
  const pages = useReport<PagePage>(pagesUrl);
  const policy = useReport<PolicyList>(policyUrl);
  const rules = useReport<RuleList>(rulesUrl);

  const error = summary.error ?? series.error ?? crawlers.error ?? pages.error;
  useEffect(() => {
    if (error?.status === 401) signedOut();
  }, [error, signedOut]);

  const refreshSoon = useSoon(() => { if (isEmpty || isOld(site, now)) sitesChanged(); refresh(); }, refreshAfterHit);
  const isEmpty = site.hits === 0 && summary.data?.hits === 0;
  return (
    <>
      {error && error.status !== 401 && <Trouble refusal={error} retry={refresh} />}
      <Completeness summary={summary.data} />
      {isEmpty ? (
        <Guide site={site.site} check={() => { sitesChanged(); refresh(); }} />
      ) : (
        <>
          <Figures summary={summary.data} before={span.previous ? before.data : null} hasBefore={span.previous !== null} />
          <SeriesPanel series={series.data} csvUrl={seriesUrl} site={site.site} />
          <div class="columns">
            <Crawlers page={crawlers.data} csvUrl={crawlersUrl} site={site.site} />
            <Pages page={pages.data} csvUrl={pagesUrl} site={site.site} />
          </div>
          <Policy site={site.site} range={range} rules={rules.data} policy={policy.data} csvUrl={policyUrl} changed={refresh} />
        </>
      )}
      <LiveHits site={site.site} verdict={verdict} asOf={now} onHit={refreshSoon} />
    </>
  );
}

function Completeness({ summary }: { summary: Summary | null }) {
  if (!summary) return <p class="completeness" role="status">Loading…</p>;
  return (
    <p class="completeness" role="status">
      Complete until <time dateTime={summary.completeUntil}>{moment(summary.completeUntil)}</time>,{" "}
      <span class={summary.lost > 0 ? "lost some" : "lost"}>{count(summary.lost)} lost</span>
      <span class="quiet"> · {count(summary.hits)} hits from {count(summary.clients)} addresses</span>
    </p>
  );
}

/** The moment that all reports of the page share; it moves on while the page is seen. */
function useNow(range: RangeName): [number, () => void] {
  const [now, setNow] = useState(Date.now);
  const refresh = useCallback(() => setNow(Date.now()), []);
  useEffect(() => {
    refresh();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") refresh();
    }, refreshEvery);
    return () => clearInterval(timer);
  }, [range, refresh]);
  return [now, refresh];
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
