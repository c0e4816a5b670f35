import { reportUrl, type SpoofedSource } from "../api/client";
import { share } from "../format";
import { usePlace } from "../navigation";
import { usePages } from "../useReport";
import type { Span } from "../view";
import { Exports } from "./Exports";
import { Count, When } from "./Figure";
import { Listing } from "./Listing";
import { Panel } from "./Panel";

/** The networks that spoofed hits came from. */
export function SpoofedSources({ span }: { span: Span }) {
  const { view, site } = usePlace();
  const url = reportUrl(site.site, "identity", { from: span.from, to: span.to, verdict: view.verdict, limit: "100" });
  const list = usePages<SpoofedSource>(url);
  return (
    <Panel id="sources" title="Where spoofed hits came from" tools={<Exports url={url} subject="sources of spoofed hits" />}>
      <Listing
        caption="Networks that sent spoofed hits" from={list} keyOf={(row) => `${row.crawler} ${row.network} ${row.asn}`}
        columns={[
          { name: "Network", isHead: true, cell: (row) => <>{row.network ?? "addresses not kept"}<small>{[row.asn && `AS${row.asn}`, row.country].filter(Boolean).join(" · ")}</small></> },
          { name: "Says it is", cell: (row) => row.name },
          { name: "Hits", isNumber: true, cell: (row) => <Count of={row.hits} to={{ crawler: row.crawler, identity: "spoofed" }} label={`spoofed hits in the name of ${row.name}, from all networks; ${row.hits} of them from here`} /> },
          { name: "Addresses", isNumber: true, cell: (row) => <Count of={row.clients} /> },
          { name: "Of its claims", isNumber: true, cell: (row) => share(row.shareOfClaims, 1) },
          { name: "First", isNumber: true, cell: (row) => <When at={row.firstSeen} /> },
          { name: "Last", isNumber: true, cell: (row) => <When at={row.lastSeen} /> },
        ]}
        empty="No hit of this range is spoofed."
      />
    </Panel>
  );
}
