import type { PageRow } from "../api/client";
import { Count, When } from "./Figure";
import type { Column } from "./Listing";

/** The list of pages: short beside other panels, else with all that is known. */
export function pageColumns(isShort: boolean): Column<PageRow>[] {
  const path: Column<PageRow> = { name: "Path", isHead: true, cell: (row) => row.path, textOf: (row) => row.path };
  const crawled: Column<PageRow>[] = [
    { name: "Crawlers", isNumber: true, cell: (row) => <Count of={row.crawlerHits} to={{ path: row.path, kind: "crawler", identity: "not-spoofed" }} label={`crawler hits on ${row.path}`} /> },
    { name: "AI", isNumber: true, cell: (row) => <Count of={row.aiHits} to={{ path: row.path, kind: "crawler", purpose: "ai", identity: "not-spoofed" }} label={`AI crawler hits on ${row.path}`} /> },
    { name: "Humans", isNumber: true, cell: (row) => <Count of={row.humanHits} to={{ path: row.path, kind: "likely-human" }} label={`likely human hits on ${row.path}`} /> },
  ];
  const last: Column<PageRow> = { name: "Last crawled", isNumber: true, cell: (row) => <When at={row.lastCrawled} /> };
  if (isShort) return [path, ...crawled, last];
  return [
    path,
    { name: "All hits", isNumber: true, cell: (row) => <Count of={row.hits} to={{ path: row.path }} label={`hits on ${row.path}`} /> },
    ...crawled,
    { name: "Spoofed", isNumber: true, cell: (row) => <Count of={row.spoofedHits} to={{ path: row.path, identity: "spoofed" }} label={`spoofed hits on ${row.path}`} /> },
    { name: "Different crawlers", isNumber: true, cell: (row) => <Count of={row.crawlers} /> },
    last,
  ];
}
