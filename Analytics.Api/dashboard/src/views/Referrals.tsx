import { reportUrl, type ReferralList, type ReferralRow } from "../api/client";
import { Exports } from "../components/Exports";
import { Count } from "../components/Figure";
import { Choice } from "../components/Filters";
import { Listing } from "../components/Listing";
import { Panel } from "../components/Panel";
import { SeriesPanel } from "../components/SeriesPanel";
import { referrals } from "../lines";
import { filter, hrefTo, usePlace } from "../navigation";
import { useReport } from "../useReport";
import { useSpan } from "../useSpan";

const classes = [["ai", "AI answers"], ["search", "search"], ["social", "social networks"], ["other", "other sites"]] as const;

/** Who sent people, and where they arrived. */
export function Referrals() {
  const { view, site } = usePlace();
  const { span } = useSpan();
  const only = view.filters["class"] ?? "";
  const url = reportUrl(site.site, "referrals", { from: span.from, to: span.to, verdict: view.verdict, ...(only && { class: only }) });
  const report = useReport<ReferralList>(url);
  return (
    <>
      <SeriesPanel title="Visits by what sent them" by="referral" span={span} lines={referrals} />
      <Panel id="sources" title="Who sent people" tools={<Exports url={url} subject="referrals" />}>
        <div class="filters"><Choice label="Sent by" value={only} choices={classes} change={(value) => filter(view, { class: value })} /></div>
        <Listing
          caption="Who sent people, with the pages where they arrived"
          from={{ items: report.data?.items ?? null, error: report.error, again: report.again }}
          keyOf={(row: ReferralRow) => `${row.class} ${row.source}`}
          columns={[
            { name: "Source", isHead: true, cell: (row) => <>{row.source}<small>{classes.find(([c]) => c === row.class)?.[1] ?? row.class}</small></> },
            { name: "Visits", isNumber: true, cell: (row) => <Count of={row.hits} to={{ referral: row.class }} label={`visits sent by ${row.source}, among those of its class`} /> },
            {
              name: "Arrived at",
              cell: (row) => (
                <ul class="landing">
                  {row.landingPages.map((page) => (
                    <li key={page.path}><a href={hrefTo(view, "hits", { path: page.path, referral: row.class })}>{page.path}</a> <Count of={page.hits} /></li>
                  ))}
                </ul>
              ),
            },
          ]}
          empty="Nobody was sent in this range. Visits count when a browser says which page it came from."
        />
      </Panel>
    </>
  );
}
