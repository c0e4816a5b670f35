import type { CrawlerPage } from "../api/client";
import { count, moment, purposeName } from "../format";
import { CsvButton } from "./CsvButton";
import { Identity } from "./Identity";

export function Crawlers({ page, csvUrl, site }: { page: CrawlerPage | null; csvUrl: string; site: string }) {
  return (
    <section class="panel" aria-labelledby="crawlers">
      <header>
        <h2 id="crawlers">Crawlers</h2>
        <div class="tools"><CsvButton url={csvUrl} name={`${site}-crawlers`} subject="crawlers" /></div>
      </header>
      {page?.items.length === 0 && <p class="quiet">No crawler came in this range.</p>}
      {page && page.items.length > 0 && (
        <div class="scroll" role="region" aria-label="Table of crawlers" tabIndex={0}>
          <table>
            <caption class="hidden">Crawlers by hits, with what checking their claim gave</caption>
            <thead><tr><th scope="col">Crawler</th><th scope="col" class="number">Hits</th><th scope="col">Identity</th><th scope="col" class="number">Last seen</th></tr></thead>
            <tbody>
              {page.items.map((row) => (
                <tr key={row.crawler}>
                  <th scope="row">{row.name}<small>{row.operator} · {purposeName(row.purpose)}</small></th>
                  <td class="number">{count(row.hits)}</td>
                  <td><span class="identities">
                    {row.verified > 0 && <Identity name="verified" hits={count(row.verified)} />}
                    {row.spoofed > 0 && <Identity name="spoofed" hits={count(row.spoofed)} />}
                    {row.unverifiable > 0 && <Identity name="unverifiable" hits={count(row.unverifiable)} />}
                    {row.pending > 0 && <Identity name="pending" hits={count(row.pending)} />}
                  </span></td>
                  <td class="number">{row.lastSeen && <time dateTime={row.lastSeen}>{moment(row.lastSeen)}</time>}</td>
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
