import { reportUrl, type CrawlerRow, type HitRow } from "../api/client";
import { crawlerColumns } from "../components/crawlerColumns";
import { Exports } from "../components/Exports";
import { HitTable } from "../components/HitTable";
import { Listing, Waiting } from "../components/Listing";
import { Trouble } from "../components/Notes";
import { Panel } from "../components/Panel";
import { hrefTo, usePlace } from "../navigation";
import { usePages, useReport } from "../useReport";
import { useSpan } from "../useSpan";

/** One crawler on this site. */
export function Crawler() {
  const { view, site } = usePlace();
  const { span } = useSpan();
  const id = view.filters["crawler"] ?? "";
  const judged = { from: span.from, to: span.to, verdict: view.verdict };
  const list = useReport<{ items: CrawlerRow[] }>(reportUrl(site.site, "crawlers", { ...judged, limit: "1000" }));
  const hitsUrl = reportUrl(site.site, "hits", { ...judged, crawler: id, limit: "50" });
  const hits = usePages<HitRow>(hitsUrl);
  const row = list.data?.items.filter((r) => r.crawler === id) ?? null;
  return (
    <>
      <p><a href={hrefTo(view, "crawlers")}>All crawlers</a></p>
      <Panel id="figures" title={row?.[0]?.name ?? id}>
        <Listing caption={`${row?.[0]?.name ?? id} in figures`} from={{ items: row, error: list.error, again: list.again }} columns={crawlerColumns(view, false)} keyOf={(r) => r.crawler}
          empty="It did not come in this range. Choose a longer one above." />
      </Panel>
      <Panel id="hits" title="Its newest hits" tools={<Exports url={hitsUrl} subject={`hits of ${id}`} />}>
        {hits.error && <Trouble refusal={hits.error} retry={hits.again} />}
        {!hits.items ? (hits.error ? null : <Waiting />) : hits.items.length === 0 ? <p class="quiet">None in this range.</p> : <HitTable hits={hits.items} caption="Newest hits of this crawler" isTall />}
        {hits.hasMore && <p class="quiet">The newest 50. <a href={hrefTo(view, "hits", { crawler: id })}>All of them</a></p>}
      </Panel>
    </>
  );
}
