import { reportUrl, type ContentChange, type Uncrawled, type UncrawledPage } from "../api/client";
import { count, share } from "../format";
import { filter, hrefTo, usePlace } from "../navigation";
import { usePages, useReport } from "../useReport";
import { base, type Span } from "../view";
import { Command } from "./Command";
import { Exports } from "./Exports";
import { Count, When } from "./Figure";
import { Choice } from "./Filters";
import { Listing } from "./Listing";
import { Panel } from "./Panel";
import { SitemapFetch } from "./SitemapFetch";

const purposes = [["search", "search"], ["ai", "AI, any"], ["ai-training", "AI training"], ["ai-search", "AI search"], ["ai-user", "AI user"]] as const;
const identities = [["verified", "verified"], ["unverifiable", "unverifiable"]] as const;

/** Pages of the sitemap that no crawler of some sort fetched. */
export function UncrawledPages({ span }: { span: Span }) {
  const { view, site } = usePlace();
  const purpose = view.filters["purpose"] ?? "", identity = view.filters["identity"] ?? "";
  const url = reportUrl(site.site, "pages/uncrawled", {
    from: span.from, to: span.to, verdict: view.verdict, ...(purpose && { purpose }), ...(identity && { identity }), limit: "100",
  });
  const totals = useReport<Uncrawled>(url);
  const list = usePages<UncrawledPage>(url);
  const again = () => { totals.again(); list.again(); };
  const hasNoSitemap = list.error?.status === 404;
  return (
    <Panel id="uncrawled" title="Never crawled in this range" tools={!hasNoSitemap && <Exports url={url} subject="pages never crawled" />}>
      {hasNoSitemap ? (
        <>
          <p>Which pages there are, the sitemap says. Have it fetched, or send it once and again when it has changed:</p>
          <Command text={`curl -H "Authorization: Bearer $KEY" -T sitemap.xml ${location.origin}/v1/sites/${site.site}/sitemap`} />
          {!base && <SitemapFetch fetched={again} />}
        </>
      ) : (
        <>
          <div class="filters">
            <Choice label="By crawlers for" value={purpose} choices={purposes} change={(value) => filter(view, { purpose: value })} />
            <Choice label="That are" value={identity} choices={identities} change={(value) => filter(view, { identity: value })} />
          </div>
          {totals.data && <p class="quiet">{count(totals.data.crawled)} of {count(totals.data.pages)} pages were fetched ({share(totals.data.crawled, totals.data.pages)}); sitemap of <When at={totals.data.sitemapLoadedAt} />.</p>}
          <Listing
            caption="Pages of the sitemap that were not fetched" from={list} keyOf={(row) => `${row.host}${row.path}?${row.query ?? ""}`}
            columns={[
              { name: "Page", isHead: true, cell: (row) => `${row.path}${row.query ? `?${row.query}` : ""}`, textOf: (row) => `${row.host}${row.path}` },
              { name: "Host", cell: (row) => row.host },
              { name: "Changed, by the sitemap", isNumber: true, cell: (row) => (row.lastModified ? <When at={row.lastModified} /> : "–") },
            ]}
            empty="Every page of the sitemap was fetched."
          />
          {!base && <SitemapFetch fetched={again} />}
        </>
      )}
    </Panel>
  );
}

/** What each crawler has seen of a page's text. */
export function ContentChanges({ span }: { span: Span }) {
  const { view, site } = usePlace();
  const url = reportUrl(site.site, "pages/changes", { from: span.from, to: span.to, limit: "50" });
  const list = usePages<ContentChange>(url);
  return (
    <Panel id="changes" title="New text that crawlers saw" tools={<Exports url={url} subject="content changes" />}>
      <Listing
        caption="Pages and crawlers, the newest change first" from={list} keyOf={(row) => `${row.crawler} ${row.path}`}
        columns={[
          { name: "Path", isHead: true, cell: (row) => row.path, textOf: (row) => row.path },
          { name: "Crawler", cell: (row) => <a href={hrefTo(view, "crawler", { crawler: row.crawler })}>{row.name}</a> },
          { name: "Saw new text", isNumber: true, cell: (row) => (row.lastChanged ? <When at={row.lastChanged} /> : "not in this range") },
          { name: "Last fetch", isNumber: true, cell: (row) => <When at={row.lastSeen} /> },
          { name: "Fetches", isNumber: true, cell: (row) => <Count of={row.fetches} to={{ crawler: row.crawler, path: row.path }} label={`hits of ${row.name} on ${row.path}`} /> },
          { name: "Words", isNumber: true, cell: (row) => <Count of={row.words} /> },
        ]}
        empty="No text was read in this range. The edge reads what crawlers fetch; imported logs hold no text."
      />
    </Panel>
  );
}
