import { reportUrl, type Anomaly } from "../api/client";
import { hrefTo, usePlace } from "../navigation";
import { useReport } from "../useReport";
import type { Span } from "../view";

const shown = 5;

/** Crawlers that appeared, stopped, or came far more or less often than they use to. Nothing stands here when nothing is odd. */
export function Anomalies({ span }: { span: Span }) {
  const { view, site } = usePlace();
  const report = useReport<{ items: Anomaly[] }>(reportUrl(site.site, "anomalies", { from: span.from, to: span.to, verdict: view.verdict, limit: "20" }), span.asOf);
  const items = report.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <section class="panel odd" aria-labelledby="odd">
      <h2 id="odd">Worth a look</h2>
      <ul>
        {items.slice(0, shown).map((row) => <li key={row.crawler + row.kind}><a href={hrefTo(view, "crawler", { crawler: row.crawler })}>{row.name}</a> {row.kind}: {row.why}</li>)}
      </ul>
      {items.length > shown && <p class="quiet">And {items.length - shown} more: <a href={hrefTo(view, "crawlers")}>all crawlers</a></p>}
    </section>
  );
}
