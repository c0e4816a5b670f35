import { reportUrl, type PageRow } from "../api/client";
import { Exports } from "../components/Exports";
import { PathFilter } from "../components/Filters";
import { Listing } from "../components/Listing";
import { pageColumns } from "../components/pageColumns";
import { Panel } from "../components/Panel";
import { ContentChanges, UncrawledPages } from "../components/Uncrawled";
import { filter, hrefTo, usePlace } from "../navigation";
import { usePages } from "../useReport";
import { useSpan } from "../useSpan";
import type { Span } from "../view";

const tabs = [["all", "Pages"], ["uncrawled", "Never crawled"], ["changes", "New text"]] as const;

/** Which pages crawlers and people read, which nobody crawls, and what crawlers saw change. */
export function Pages() {
  const { view } = usePlace();
  const { span } = useSpan();
  const tab = view.filters["tab"] ?? "all";
  return (
    <>
      <nav class="tabs" aria-label="Of pages">
        {tabs.map(([name, label]) => <a key={name} href={hrefTo(view, "pages", name === "all" ? {} : { tab: name })} aria-current={name === tab ? "page" : undefined}>{label}</a>)}
      </nav>
      {tab === "uncrawled" ? <UncrawledPages span={span} /> : tab === "changes" ? <ContentChanges span={span} /> : <AllPages span={span} />}
    </>
  );
}

function AllPages({ span }: { span: Span }) {
  const { view, site } = usePlace();
  const path = view.filters["path"] ?? "";
  const url = reportUrl(site.site, "pages", { from: span.from, to: span.to, verdict: view.verdict, ...(path && { path }), limit: "100" });
  const list = usePages<PageRow>(url);
  return (
    <Panel id="pages" title="Pages by crawler hits" tools={<Exports url={url} subject="pages" />}>
      <div class="filters"><PathFilter label="Paths that begin with" value={path} change={(text) => filter(view, { path: text })} /></div>
      <Listing caption="Pages by crawler hits; spoofed crawlers count in their own column only" from={list} columns={pageColumns(false)} keyOf={(row) => row.path}
        empty={path ? `No path that begins with ${path} was asked for in this range.` : "No page was asked for in this range. Choose a longer one above."} />
    </Panel>
  );
}
