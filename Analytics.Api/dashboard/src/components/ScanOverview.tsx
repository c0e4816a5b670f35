import type { ScanOverview as Overview } from "../api/client";
import { count, share, shortCount } from "../format";
import { filter, usePlace } from "../navigation";
import { useReport } from "../useReport";
import { When } from "./Figure";
import { Table, Waiting } from "./Listing";
import { Trouble } from "./Notes";
import { Panel } from "./Panel";

const spans = ["7", "30", "90"];

const part = (value: number | null | undefined) => (value === null || value === undefined ? "–" : share(value, 1));
const money = (value: number) => new Intl.NumberFormat("en", { maximumFractionDigits: 2 }).format(value);

/** How much is looked at, how fresh it is, what it saves and what was found: as cards, and as a table with what each number means. */
export function ScanOverview() {
  const { view } = usePlace();
  const days = spans.find((d) => d === view.filters["days"]) ?? "30";
  const report = useReport<Overview>(`/v1/scans/overview?days=${days}`);
  const of = report.data;
  return (
    <Panel id="scan-overview" title={`Scans of the last ${days} days`}>
      <div class="filters">
        <label><span>Days</span><select value={days} onChange={(e) => filter(view, { days: e.currentTarget.value })}>{spans.map((d) => <option key={d} value={d}>{d}</option>)}</select></label>
      </div>
      {report.error && <Trouble refusal={report.error} retry={report.again} />}
      {of ? <Numbers of={of} /> : !report.error && <Waiting />}
    </Panel>
  );
}

function Numbers({ of }: { of: Overview }) {
  const { coverage, freshness, saving, found, queue } = of;
  const cards = [
    { name: "Coverage", value: part(coverage.share), more: `${count(coverage.scanned)} of ${count(coverage.targets)} targets` },
    { name: "Still holds", value: part(freshness.share), more: `estimated by ${freshness.by}` },
    { name: "Saved", value: part(saving.share), more: `${shortCount(saving.scans)} scans, not ${shortCount(saving.dailyScans)}` },
    { name: "Changes found", value: shortCount(found.changes), more: `${count(found.won)} won, ${count(found.lost)} lost` },
    { name: "Due now", value: shortCount(queue.due), more: `${count(queue.leased)} under way` },
  ];
  const rows: [string, preact.ComponentChildren, string][] = [
    ["Targets", count(coverage.targets), "questions on engines"],
    ["Scanned in the span", count(coverage.scanned), "targets with a result of these days"],
    ["Ever scanned", count(coverage.ever), "targets with any result"],
    ["Cited", count(coverage.cited), "targets whose last result cites the brand"],
    ["Gap", count(coverage.gap), "targets whose last result does not"],
    ["Lost citation", count(coverage.lostCitation), "targets whose citation is gone"],
    ["Results that still hold", part(freshness.share), freshness.by === "beliefs" ? "by what planning believes of each target" : `by their age; an answer changes every ${freshness.changeDays.toFixed(1)} days`],
    ["Scans made", count(saving.scans), `cost ${money(saving.cost)}`],
    ["One a day for each target", count(saving.dailyScans), `would cost ${money(saving.dailyCost)}`],
    ["Waiting", count(queue.waiting), "scans that are not due yet"],
    ["Due", count(queue.due), "scans that nobody does yet"],
    ["Longest due since", queue.oldestDue ? <When at={queue.oldestDue} /> : "–", "the scan that has been due for longest"],
    ["Under way", count(queue.leased), "leased by workers"],
    ["Dead letters", count(queue.dead), "given up after their last attempt"],
  ];
  return (
    <>
      <dl class="figures">
        {cards.map((card) => (
          <div key={card.name} data-figure={card.name}>
            <dt>{card.name}</dt>
            <dd><span class="value">{card.value}</span><span class="more">{card.more}</span></dd>
          </div>
        ))}
      </dl>
      <Table
        caption="The same in numbers" rows={rows} keyOf={(row) => row[0]}
        columns={[
          { name: "What", isHead: true, cell: (row) => row[0] },
          { name: "Number", isNumber: true, cell: (row) => row[1] },
          { name: "Meaning", cell: (row) => <span class="words">{row[2]}</span> },
        ]}
      />
    </>
  );
}
