import { reportUrl, type CrawlerRow } from "../api/client";
import { Exports } from "../components/Exports";
import { Count } from "../components/Figure";
import { Listing } from "../components/Listing";
import { Panel } from "../components/Panel";
import { SpoofedSources } from "../components/SpoofedSources";
import { SeriesPanel } from "../components/SeriesPanel";
import { share } from "../format";
import { identities } from "../lines";
import { hrefTo, usePlace } from "../navigation";
import { usePages } from "../useReport";
import { useSpan } from "../useSpan";

/** Which crawlers are what they say. */
export function IdentityView() {
  const { view, site } = usePlace();
  const { span } = useSpan();
  const url = reportUrl(site.site, "crawlers", { from: span.from, to: span.to, verdict: view.verdict, limit: "100" });
  const list = usePages<CrawlerRow>(url);
  const column = (name: string, key: "verified" | "spoofed" | "unverifiable" | "pending") => ({
    name, isNumber: true,
    cell: (row: CrawlerRow) => <Count of={row[key]} to={{ crawler: row.crawler, identity: key }} label={`${key} hits of ${row.name}`} />,
  });
  return (
    <>
      <SeriesPanel title="Claims by what checking them gave" by="identity" span={span} lines={identities} />
      <SpoofedSources span={span} />
      <Panel id="claims" title="Claims of each crawler" tools={<Exports url={url} subject="identities" />}>
        <Listing
          caption="Claims of each crawler and what checking them gave" from={list} keyOf={(row) => row.crawler}
          columns={[
            { name: "Says it is", isHead: true, cell: (row) => <><a href={hrefTo(view, "crawler", { crawler: row.crawler })}>{row.name}</a><small>{row.operator}</small></> },
            { name: "Hits", isNumber: true, cell: (row) => <Count of={row.hits} to={{ crawler: row.crawler }} label={`hits of ${row.name}`} /> },
            column("Verified", "verified"), column("Spoofed", "spoofed"), column("Unverifiable", "unverifiable"), column("Pending", "pending"),
            { name: "Spoofed part", isNumber: true, cell: (row) => share(row.spoofed, row.hits) },
          ]}
          empty="Nobody said to be a crawler in this range."
        />
        <p class="quiet">Spoofed: the address is outside what the operator publishes as complete. Unverifiable: the operator publishes nothing to check by; neither good nor bad.</p>
      </Panel>
    </>
  );
}
