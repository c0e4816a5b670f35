import { useState } from "preact/hooks";
import type { Series } from "../api/client";
import { audience } from "../audience";
import { bucketName, count } from "../format";
import { Chart } from "./Chart";
import { CsvButton } from "./CsvButton";

export function SeriesPanel({ series, csvUrl, site }: { series: Series | null; csvUrl: string; site: string }) {
  const [isTable, setIsTable] = useState(false);
  return (
    <section class="panel" aria-labelledby="series">
      <header>
        <h2 id="series">Hits over time</h2>
        <div class="tools">
          <button type="button" aria-pressed={isTable} onClick={() => setIsTable(!isTable)}>Table</button>
          <CsvButton url={csvUrl} name={`${site}-series`} subject="hits over time" />
        </div>
      </header>
      {!series ? <div class="chart waiting" role="status"><span class="hidden">Loading the chart</span></div> : isTable ? <SeriesTable series={series} /> : <Chart series={series} />}
    </section>
  );
}

function SeriesTable({ series }: { series: Series }) {
  return (
    <div class="scroll tall" role="region" aria-label="Hits over time as a table" tabIndex={0}>
      <table>
        <caption class="hidden">Hits over time, one row per {series.interval}</caption>
        <thead>
          <tr>
            <th scope="col">From</th>
            {audience.map((line) => <th key={line.key} scope="col" class="number">{line.name}</th>)}
          </tr>
        </thead>
        <tbody>
          {series.buckets.map((time, i) => ({ time, i })).reverse().map(({ time, i }) => (
            <tr key={time}>
              <th scope="row">{bucketName(time, series.interval)}</th>
              {audience.map((line) => <td key={line.key} class="number">{count(series.lines.find((l) => l.key === line.key)?.hits[i] ?? 0)}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
