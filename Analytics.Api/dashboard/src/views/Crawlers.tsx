import { useMemo } from "preact/hooks";
import { reportUrl, type CrawlerRow, type Series } from "../api/client";
import { crawlerColumns } from "../components/crawlerColumns";
import { Exports } from "../components/Exports";
import { Listing } from "../components/Listing";
import { Panel } from "../components/Panel";
import { SeriesPanel } from "../components/SeriesPanel";
import { linesOf } from "../lines";
import { usePlace } from "../navigation";
import { usePages, useReport } from "../useReport";
import { useSpan } from "../useSpan";

const largest = (series: Series) => linesOf(series.lines);

/** Who crawls, how often, and how much of it is real. */
export function Crawlers() {
  const { view, site } = usePlace();
  const { span } = useSpan();
  const url = reportUrl(site.site, "crawlers", { from: span.from, to: span.to, verdict: view.verdict, limit: "100" });
  const list = usePages<CrawlerRow>(url);
  // Dear over long spans, so apart: where it is refused, the list stands without it.
  const asked = useReport<{ items: CrawlerRow[] }>(reportUrl(site.site, "crawlers", { from: span.from, to: span.to, verdict: view.verdict, habits: "true", limit: "25" }));
  const habits = useMemo(() => new Map(asked.data?.items.map((row) => [row.crawler, row])), [asked.data]);
  return (
    <>
      <SeriesPanel title="The six busiest crawlers" by="crawler" span={span} lines={largest} />
      <Panel id="crawlers" title="All crawlers by hits" tools={<Exports url={url} subject="crawlers" />}>
        <Listing caption="Crawlers by hits, with what checking their claim gave" from={list} columns={crawlerColumns(view, false, habits)} keyOf={(row) => row.crawler}
          empty="No crawler came in this range. Choose a longer one above." />
      </Panel>
    </>
  );
}
