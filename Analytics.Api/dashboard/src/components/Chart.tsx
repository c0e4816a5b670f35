import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Series } from "../api/client";
import { audience } from "../audience";
import { bucketName, count, shortCount } from "../format";

const height = 250;

/** The series as lines. Screen readers get its totals here and every number in the table beside it. */
export function Chart({ series }: { series: Series }) {
  const box = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLParagraphElement>(null);
  const theme = useTheme();

  useEffect(() => {
    const element = box.current!;
    const plot = new uPlot(optionsFor(series, element, readout.current!), dataOf(series), element);
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [series, theme]);

  const totals = audience.map((line) => `${line.name} ${count(lineOf(series, line.key)?.total ?? 0)}`).join(", ");
  return (
    <>
      <div class="legend" aria-hidden="true">
        {audience.map((line) => <span key={line.key}><i class={`mark ${line.token}`} />{line.name}</span>)}
        <p ref={readout} class="readout" />
      </div>
      <div ref={box} class="chart" role="img" aria-label={`Lines of hits by ${series.interval}. Totals: ${totals}. The table has every number.`} />
    </>
  );
}

const lineOf = (series: Series, key: string) => series.lines.find((l) => l.key === key);

function dataOf(series: Series): uPlot.AlignedData {
  const none = series.buckets.map(() => 0);
  return [series.buckets.map((t) => Date.parse(t) / 1000), ...audience.map((line) => lineOf(series, line.key)?.hits ?? none)];
}

function optionsFor(series: Series, element: HTMLElement, readout: HTMLElement): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const axis = { stroke: token("ink-quiet"), font: `12px ${style.fontFamily}`, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height,
    padding: [10, 6, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 7 }, drag: { x: false, y: false } },
    scales: { x: { time: true }, y: { range: (_, __, max) => [0, Math.max(4, max * 1.08)] } },
    axes: [
      { ...axis, grid: { show: false }, size: 30, gap: 6, space: 70, values: (_, times, __, ___, step) => times.map((t) => tickName(t, step)) },
      {
        ...axis,
        grid: { stroke: token("line"), width: 1 },
        size: 46,
        gap: 8,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7],
        values: (_, values) => values.map(shortCount),
      },
    ],
    series: [
      {},
      ...audience.map((line) => ({
        label: line.name,
        stroke: token(line.token),
        width: line.token === "ai" ? 2.5 : 1.75,
        dash: [...line.dash],
        points: { show: series.buckets.length === 1 },
      })),
    ],
    hooks: { setCursor: [(plot) => { readout.textContent = readoutAt(series, plot.cursor.idx); }] },
  };
}

const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const month = new Intl.DateTimeFormat("en-GB", { month: "short", year: "numeric" });

/** Midnights are named by their day, so that the axis says which day the clock times belong to. */
function tickName(seconds: number, step: number): string {
  const time = new Date(seconds * 1000);
  if (step >= 28 * 86_400) return month.format(time);
  return step < 86_400 && (time.getHours() > 0 || time.getMinutes() > 0) ? clock.format(time) : day.format(time);
}

function readoutAt(series: Series, index: number | null | undefined): string {
  const time = index === null || index === undefined ? undefined : series.buckets[index];
  if (time === undefined) return "";
  const counts = audience.map((line) => `${line.name} ${count(lineOf(series, line.key)?.hits[index!] ?? 0)}`);
  return `${bucketName(time, series.interval)}: ${counts.join(" · ")}`;
}

/** Canvas does not follow the page's colours by itself. */
function useTheme(): boolean {
  const query = matchMedia("(prefers-color-scheme: dark)");
  const [isDark, setIsDark] = useState(query.matches);
  useEffect(() => {
    const onChange = () => setIsDark(query.matches);
    query.addEventListener("change", onChange);
    return () => query.removeEventListener("change", onChange);
  }, []);
  return isDark;
}
