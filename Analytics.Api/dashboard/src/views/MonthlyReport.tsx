import type { ComponentChildren } from "preact";
import { reportUrl, type CrawlerRow, type PageRow, type PolicyList, type ReferralList, type RobotsVersionList, type Series, type Summary } from "../api/client";
import { Waiting } from "../components/Listing";
import { Trouble } from "../components/Notes";
import { MonthBars } from "../components/MonthBars";
import { change, count, purposeName, share } from "../format";
import { filter, usePlace } from "../navigation";
import { currentZone, dayOf, midnightOf, timeText } from "../time";
import { useReport, type Report } from "../useReport";

const isMonth = (text: string | undefined): text is string => /^(19[7-9]\d|20\d\d)-(0[1-9]|1[0-2])$/.test(text ?? "") && text! > "1970-01";

/** A month of a site on one page or two, to be printed. */
export function MonthlyReport() {
  const { view, site } = usePlace();
  const given = view.filters["month"];
  const month = isMonth(given) ? given : monthBefore(dayOf(Date.now()).slice(0, 7));
  const from = midnightOf(`${month}-01`), to = midnightOf(`${monthAfter(month)}-01`);
  const span = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  const before = { from: new Date(midnightOf(`${monthBefore(month)}-01`)).toISOString(), to: span.from };
  const ask = <T,>(name: string, query: Record<string, string> = {}) => useReport<T>(reportUrl(site.site, name, { ...span, ...query }));
  const summary = ask<Summary>("summary");
  const last = useReport<Summary>(reportUrl(site.site, "summary", before));
  const series = ask<Series>("series", { interval: "day", by: "audience", tz: currentZone() });
  const crawlers = ask<{ items: CrawlerRow[] }>("crawlers", { limit: "12" });
  const pages = ask<{ items: PageRow[] }>("pages", { limit: "10" });
  const referrals = ask<ReferralList>("referrals", { class: "ai" });
  const policy = ask<PolicyList>("policy");
  const robots = useReport<RobotsVersionList>(reportUrl(site.site, "robots", {}));
  const all: Report<unknown>[] = [summary, last, series, crawlers, pages, referrals, policy, robots];
  const failed = all.find((report) => report.error);
  const ready = summary.data && last.data && series.data && crawlers.data && pages.data && referrals.data && policy.data && robots.data;
  return (
    <article class="report" data-ready={ready ? month : undefined}>
      <div class="filters no-print">
        <label><span>Month</span><input type="month" value={month} onChange={(e) => { if (isMonth(e.currentTarget.value)) filter(view, { month: e.currentTarget.value }); }} /></label>
        <button type="button" class="main" disabled={!ready} onClick={() => print()}>Print, or save as PDF</button>
      </div>
      {failed?.error && <Trouble refusal={failed.error} retry={() => all.forEach((report) => report.error && report.again())} />}
      {!ready ? !failed && <Waiting /> : (
        <>
          <header>
            <h2>{site.name || site.site}: {timeText("monthName", new Date(from))}</h2>
            <p class="quiet">{completeness(summary.data!, to)} Days of {currentZone()}.</p>
          </header>
          <Sentences summary={summary.data!} last={last.data!} crawlers={crawlers.data!.items} />
          <MonthBars series={series.data!} />
          <CrawlerTable rows={crawlers.data!.items} />
          <div class="columns">
            <PageTable rows={pages.data!.items} />
            <div>
              <ReferralTable list={referrals.data!} />
              <Rules policy={policy.data!} />
              <RobotsChanges list={robots.data!} from={from} to={to} />
            </div>
          </div>
        </>
      )}
    </article>
  );
}

function monthBefore(month: string): string {
  const [year, number] = month.split("-").map(Number) as [number, number];
  return number === 1 ? `${year - 1}-12` : `${year}-${String(number - 1).padStart(2, "0")}`;
}

function monthAfter(month: string): string {
  const [year, number] = month.split("-").map(Number) as [number, number];
  return number === 12 ? `${year + 1}-01` : `${year}-${String(number + 1).padStart(2, "0")}`;
}

function completeness(summary: Summary, to: number): string {
  const lost = summary.lost === 0 ? "none lost" : `${count(summary.lost)} lost`;
  const until = Date.parse(summary.completeUntil);
  return until >= to ? `Every hit of the month is counted, ${lost}.` : `Counted until ${timeText("dayTime", new Date(until))}, ${lost}.`;
}

function Sentences({ summary, last, crawlers }: { summary: Summary; last: Summary; crawlers: CrawlerRow[] }) {
  const people = summary.kinds["likely-human"] ?? 0, spoofed = summary.identities["spoofed"] ?? 0, visits = summary.referrals["ai"] ?? 0;
  const rows: [string, number, number, string][] = [
    ["Likely humans", people, last.kinds["likely-human"] ?? 0, `${share(people, summary.hits)} of ${count(summary.hits)} hits`],
    ["AI crawlers", summary.aiCrawlers, last.aiCrawlers, `${count(summary.aiCrawlersVerified)} of them verified${crawlers[0] ? `; the busiest crawler of all was ${crawlers[0].name}` : ""}`],
    ["Spoofed", spoofed, last.identities["spoofed"] ?? 0, "said to be a crawler from an address that its operator does not use"],
    ["AI referrals", visits, last.referrals["ai"] ?? 0, "visits of people whom an AI answer sent"],
    ["Other bots", summary.otherBots, last.otherBots, `${share(summary.otherBots, summary.hits)} of all hits`],
  ];
  return (
    <Wide label="The month in figures">
    <table class="facts">
      <caption class="hidden">The month in figures, beside the month before</caption>
      <thead><tr><th scope="col">Who</th><th scope="col" class="number">Hits</th><th scope="col" class="number">Month before</th><th scope="col" class="number">Change</th><th scope="col">Note</th></tr></thead>
      <tbody>
        {rows.map(([name, now, then, note]) => (
          <tr key={name}><th scope="row">{name}</th><td class="number"><strong>{count(now)}</strong></td><td class="number">{count(then)}</td><td class="number">{change(now, then).text}</td><td>{note}</td></tr>
        ))}
      </tbody>
    </table>
    </Wide>
  );
}

/** Scrolls by itself on a narrow window. */
function Wide({ label, children }: { label: string; children: ComponentChildren }) {
  return <div class="scroll" role="region" aria-label={label} tabIndex={0}>{children}</div>;
}

function CrawlerTable({ rows }: { rows: CrawlerRow[] }) {
  return (
    <section>
      <h3>Crawlers</h3>
      {rows.length === 0 ? <p class="quiet">None came.</p> : (
        <Wide label="Table of crawlers">
          <table>
            <caption class="hidden">The crawlers with most hits</caption>
            <thead><tr><th scope="col">Crawler</th><th scope="col">For</th><th scope="col" class="number">Hits</th><th scope="col" class="number">Verified</th><th scope="col" class="number">Spoofed</th><th scope="col" class="number">Spoofed part</th></tr></thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.crawler}>
                  <th scope="row">{row.name}</th><td>{row.operator}, {purposeName(row.purpose)}</td><td class="number">{count(row.hits)}</td>
                  <td class="number">{count(row.verified)}</td><td class="number">{count(row.spoofed)}</td><td class="number">{share(row.spoofed, row.hits)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </Wide>
      )}
    </section>
  );
}

function PageTable({ rows }: { rows: PageRow[] }) {
  return (
    <section>
      <h3>Pages that crawlers read most</h3>
      {rows.length === 0 ? <p class="quiet">None.</p> : (
        <Wide label="Table of pages">
        <table>
          <caption class="hidden">Pages by crawler hits</caption>
          <thead><tr><th scope="col">Path</th><th scope="col" class="number">Crawlers</th><th scope="col" class="number">AI</th><th scope="col" class="number">Humans</th></tr></thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.path}><th scope="row" class="path">{row.path}</th><td class="number">{count(row.crawlerHits)}</td><td class="number">{count(row.aiHits)}</td><td class="number">{count(row.humanHits)}</td></tr>
            ))}
          </tbody>
        </table>
        </Wide>
      )}
    </section>
  );
}

function ReferralTable({ list }: { list: ReferralList }) {
  return (
    <section>
      <h3>Visits from AI answers</h3>
      {list.items.length === 0 ? <p class="quiet">None.</p> : (
        <ul>
          {list.items.slice(0, 6).map((row) => (
            <li key={row.source}><strong>{row.source}</strong> {count(row.hits)}: {row.landingPages.slice(0, 3).map((page) => `${page.path} (${count(page.hits)})`).join(", ")}</li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Rules({ policy }: { policy: PolicyList }) {
  return (
    <section>
      <h3>Rules</h3>
      {policy.items.length === 0 ? <p class="quiet">No rule met a hit.</p> : (
        <ul>
          {policy.items.slice(0, 6).map((row) => (
            <li key={row.rule + row.mode + row.action}>
              <strong>{row.rule}</strong> {row.mode === "enforce" ? "" : "would have "}{row.action}: {count(row.hits)} of {count(policy.hits)}, {count(row.likelyPeople)} likely people
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function RobotsChanges({ list, from, to }: { list: RobotsVersionList; from: number; to: number }) {
  const changes = list.items.filter((row) => Date.parse(row.seenAt) >= from && Date.parse(row.seenAt) < to);
  return (
    <section>
      <h3>robots.txt</h3>
      <p>{changes.length === 0 ? "It did not change in this month." : `${changes.length} new ${changes.length === 1 ? "version" : "versions"}: ${changes.slice(0, 4).map((row) => `${timeText("dayTime", new Date(row.seenAt))} (${row.host})`).join(", ")}.`}</p>
    </section>
  );
}
