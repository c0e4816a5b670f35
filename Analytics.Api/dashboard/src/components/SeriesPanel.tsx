import type { ComponentChildren } from "preact";
import { useMemo, useState } from "preact/hooks";
import { reportUrl, type Series } from "../api/client";
import { bucketName, count } from "../format";
import type { Line } from "../lines";
import { usePlace } from "../navigation";
import { currentZone } from "../time";
import { useReport } from "../useReport";
import type { Span } from "../view";
import { Chart } from "./Chart";
import { Exports } from "./Exports";
import { Table, type Column } from "./Listing";
import { Trouble } from "./Notes";
import { Panel } from "./Panel";

interface Props {
  title: string;
  /** What the API cuts the lines by. */
  by: string;
  span: Span;
  /** The lines, or how to make them of what came. */
  lines: readonly Line[] | ((series: Series) => readonly Line[]);
  /** Chooses what the lines are. */
  choice?: ComponentChildren;
}

/** Hits over time as lines or as a table. */
export function SeriesPanel({ title, by, span, lines, choice }: Props) {
  const { view, site } = usePlace();
  const [isTable, setIsTable] = useState(false);
  const url = reportUrl(site.site, "series", { from: span.from, to: span.to, verdict: view.verdict, interval: span.interval, by, tz: currentZone() });
  const report = useReport<Series>(url, span.asOf);
  const series = report.data;
  const drawn = useMemo(() => (!series ? [] : typeof lines === "function" ? lines(series) : lines), [series, lines]);
  const tools = (
    <>
      {choice}
      <button type="button" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>Table</button>
      <Exports url={url} subject={title.toLowerCase()} />
    </>
  );
  return (
    <Panel id="series" title={title} tools={tools}>
      {report.error && <Trouble refusal={report.error} retry={report.again} />}
      {!series ? <div class="chart waiting" role="status"><span class="hidden">Loading the chart</span></div>
        : isTable ? <SeriesTable title={title} series={series} lines={drawn} /> : <Chart series={series} lines={drawn} />}
    </Panel>
  );
}

function SeriesTable({ title, series, lines }: { title: string; series: Series; lines: readonly Line[] }) {
  const columns: Column<{ time: string; i: number }>[] = [
    { name: "From", isHead: true, cell: ({ time }) => bucketName(time, series.interval) },
    ...lines.map((line): Column<{ time: string; i: number }> => {
      const hits = series.lines.find((l) => l.key === line.key)?.hits;
      return { name: line.name, isNumber: true, cell: ({ i }) => count(hits?.[i] ?? 0) };
    }),
  ];
  const rows = series.buckets.map((time, i) => ({ time, i })).reverse();
  return <Table caption={`${title} as a table, one row per ${series.interval}`} columns={columns} rows={rows} keyOf={(row) => row.time} isTall />;
}
