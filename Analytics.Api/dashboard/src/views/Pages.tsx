import { reportUrl, type PageRow } from "../api/client";
import { Exports } from "../components/Exports";
import { PathFilter } from "../components/Filters";
import { Listing } from "../components/Listing";
import { pageColumns } from "../components/pageColumns";
import { Panel } from "../components/Panel";
import { filter, usePlace } from "../navigation";
import { usePages } from "../useReport";
import { useSpan } from "../useSpan";

/** Which pages crawlers and people read. */
export function Pages() {
  const { view, site } = usePlace();
  const { span } = useSpan();
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
