import type { CrawlerRow } from "../api/client";
import { lengthOf, purposeName, share } from "../format";
import { hrefTo } from "../navigation";
import type { View } from "../view";
import { Count, When } from "./Figure";
import { Identity } from "./Identity";
import type { Column } from "./Listing";

/** The list of crawlers: short beside other panels, else with all that is known. */
export function crawlerColumns(view: View, isShort: boolean, habits?: ReadonlyMap<string, CrawlerRow>): Column<CrawlerRow>[] {
  const of = (row: CrawlerRow, identity: string, n: number) => n > 0 && (
    <a key={identity} href={hrefTo(view, "hits", { crawler: row.crawler, identity })} aria-label={`${n} ${identity} hits of ${row.name}`}>
      <Identity name={identity} hits={n} />
    </a>
  );
  const columns: Column<CrawlerRow>[] = [
    {
      name: "Crawler", isHead: true,
      cell: (row) => <><a href={hrefTo(view, "crawler", { crawler: row.crawler })}>{row.name}</a><small>{row.operator} · {purposeName(row.purpose)}</small></>,
    },
    { name: "Hits", isNumber: true, cell: (row) => <Count of={row.hits} to={{ crawler: row.crawler }} label={`hits of ${row.name}`} /> },
    {
      name: "Identity",
      cell: (row) => (
        <span class="identities">
          {of(row, "verified", row.verified)}
          {of(row, "spoofed", row.spoofed)}
          {of(row, "unverifiable", row.unverifiable)}
          {of(row, "pending", row.pending)}
        </span>
      ),
    },
    {
      name: "Spoofed part", isNumber: true,
      cell: ({ spoofRate: rate }) => (rate
        ? <span title={`95 % interval ${share(rate.low, 1)} to ${share(rate.high, 1)} of the hits that can be told`}>{share(rate.rate, 1)}</span>
        : <span class="quiet" title="None of its hits is verified or spoofed">unknown</span>),
    },
    {
      name: "Comes back after", isNumber: true,
      cell: (row) => {
        const seconds = habits?.get(row.crawler)?.habits?.recrawlMedianSeconds;
        return seconds === null || seconds === undefined ? "–" : <span title="Median time between two fetches of the same page">{lengthOf(seconds)}</span>;
      },
    },
    { name: "First seen", isNumber: true, cell: (row) => <When at={row.firstSeen} /> },
    { name: "Last seen", isNumber: true, cell: (row) => <When at={row.lastSeen} /> },
  ];
  const left = isShort ? ["Spoofed part", "Comes back after", "First seen"] : habits ? [] : ["Comes back after"];
  return columns.filter((c) => !left.includes(c.name));
}
