import { reportUrl, type CrawlerRow, type HitRow } from "../api/client";
import { Exports } from "../components/Exports";
import { Choice, PathFilter } from "../components/Filters";
import { HitTable } from "../components/HitTable";
import { Waiting } from "../components/Listing";
import { Trouble } from "../components/Notes";
import { Panel } from "../components/Panel";
import { count } from "../format";
import { filter, go, hrefTo, usePlace } from "../navigation";
import { usePages, useReport } from "../useReport";
import { useSpan } from "../useSpan";

const kinds = [["crawler", "crawler"], ["automation", "automation"], ["likely-human", "likely human"], ["unknown", "unknown"]] as const;
const identities = [["verified", "verified"], ["spoofed", "spoofed"], ["unverifiable", "unverifiable"], ["pending", "pending"], ["not-claimed", "none claimed"], ["not-spoofed", "all but spoofed"]] as const;
const statuses = [["200", "200"], ["301", "301"], ["304", "304"], ["403", "403"], ["404", "404"], ["429", "429"], ["500", "500"], ["502", "502"], ["0", "left before an answer"]] as const;
const purposes = [
  ["ai", "AI, any"], ["ai-training", "AI training"], ["ai-search", "AI search"], ["ai-user", "AI user"], ["ai-agent", "AI agent"], ["search", "search"], ["seo", "SEO"],
] as const;
const senders = [["ai", "AI answers"], ["search", "search"], ["social", "social networks"], ["other", "other sites"]] as const;
const names = ["kind", "crawler", "purpose", "identity", "referral", "status", "path", "rule"];

/** Every stored hit, by filters that stand in the URL. */
export function Hits() {
  const { view, site } = usePlace();
  const { span, refresh } = useSpan();
  const f = Object.fromEntries(names.map((name) => [name, view.filters[name] ?? ""]));
  const given = Object.fromEntries(Object.entries(f).filter(([, value]) => value !== ""));
  const url = reportUrl(site.site, "hits", { from: span.from, to: span.to, verdict: view.verdict, ...given, limit: "100" });
  const list = usePages<HitRow>(url, span.asOf);
  const crawlers = useReport<{ items: CrawlerRow[] }>(reportUrl(site.site, "crawlers", { from: span.from, to: span.to, limit: "200" }));
  const change = (name: string) => (value: string) => filter(view, { [name]: value });
  return (
    <Panel id="hits" title="Hits, newest first" tools={<><button type="button" onClick={refresh}>Refresh</button><Exports url={url} subject="hits" /></>}>
      <div class="filters" role="group" aria-label="Which hits">
        <Choice label="Kind" value={f["kind"]!} choices={kinds} change={change("kind")} />
        <Choice label="Crawler" value={f["crawler"]!} choices={(crawlers.data?.items ?? []).map((row) => [row.crawler, row.name] as const)} change={change("crawler")} />
        <Choice label="Purpose" value={f["purpose"]!} choices={purposes} change={change("purpose")} />
        <Choice label="Identity" value={f["identity"]!} choices={identities} change={change("identity")} />
        <Choice label="Sent by" value={f["referral"]!} choices={senders} change={change("referral")} />
        <Choice label="Status" value={f["status"]!} choices={statuses} change={change("status")} />
        <PathFilter label="Path" hint="/pricing or /docs/*" value={f["path"]!} change={change("path")} />
        {f["rule"] && <Choice label="Rule" value={f["rule"]} choices={[]} change={change("rule")} />}
        {Object.keys(given).length > 0 && <button type="button" onClick={() => go(hrefTo(view, "hits"))}>Clear filters</button>}
      </div>
      {list.error && <Trouble refusal={list.error} retry={list.again} />}
      {!list.items ? (list.error ? null : <Waiting />)
        : list.items.length === 0 ? <p class="quiet">No hit is like this in this range. Take a filter away or choose a longer range.</p>
        : <HitTable hits={list.items} caption="Hits, newest first" />}
      {list.items && list.hasMore && (
        <p class="following">
          <button type="button" disabled={list.isLoading} onClick={list.more}>{list.isLoading ? "Loading…" : "Show more"}</button>
          <span class="quiet" role="status">{count(list.items.length)} hits shown</span>
        </p>
      )}
    </Panel>
  );
}
