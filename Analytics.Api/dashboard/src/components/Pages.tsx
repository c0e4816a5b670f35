import type { PagePage } from "../api/client";
import { count, moment } from "../format";
import { CsvButton } from "./CsvButton";

export function Pages({ page, csvUrl, site }: { page: PagePage | null; csvUrl: string; site: string }) {
  return (
    <section class="panel" aria-labelledby="pages">
      <header>
        <h2 id="pages">Pages</h2>
        <div class="tools"><CsvButton url={csvUrl} name={`${site}-pages`} subject="pages" /></div>
      </header>
      {page?.items.length === 0 && <p class="quiet">No page was asked for in this range.</p>}
      {page && page.items.length > 0 && (
        <div class="scroll" role="region" aria-label="Table of pages" tabIndex={0}>
          <table>
            <caption class="hidden">Pages by crawler hits; spoofed hits are left out</caption>
            <thead><tr><th scope="col">Path</th><th scope="col" class="number">Crawlers</th><th scope="col" class="number">AI</th><th scope="col" class="number">Humans</th><th scope="col" class="number">Last crawled</th></tr></thead>
            <tbody>
              {page.items.map((row) => (
                <tr key={row.path}>
                  <th scope="row" class="path" title={row.path}>{row.path}</th>
                  <td class="number">{count(row.crawlerHits)}</td>
                  <td class="number">{count(row.aiHits)}</td>
                  <td class="number">{count(row.humanHits)}</td>
                  <td class="number">{row.lastCrawled ? <time dateTime={row.lastCrawled}>{moment(row.lastCrawled)}</time> : "never"}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {page?.next && <p class="quiet">The first ten; the CSV has all.</p>}
    </section>
  );
}
