import { useEffect, useRef, useState } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Series } from "../api/client";
import { bucketName, count, shortCount } from "../format";
import type { Line } from "../lines";
import { currentZone, timeText } from "../time";

const height = 250;

/** A piece of a line as the chart draws it. */
export function Mark({ line }: { line: Line }) {
  const kind = line.dash.length === 0 ? "" : line.dash[0]! < 2 ? " dotted" : " dashed";
  return <i class={`mark ${line.token}${kind}`} aria-hidden="true" />;
}

/** The series as lines. Screen readers get its totals here and every number in the table beside it. */
export function Chart({ series, lines }: { series: Series; lines: readonly Line[] }) {
  const box = useRef<HTMLDivElement>(null);
  const readout = useRef<HTMLParagraphElement>(null);
  const theme = useTheme();

  useEffect(() => {
    const element = box.current!;
    const plot = new uPlot(optionsFor(series, lines, element, readout.current!), dataOf(series, lines), element);
    const observer = new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      plot.destroy();
    };
  }, [series, lines, theme]);

  const totals = lines.map((line) => `${line.name} ${count(lineOf(series, line.key)?.total ?? 0)}`).join(", ");
  return (
    <>
      <div class="legend" aria-hidden="true">
        {lines.map((line) => <span key={line.key}><Mark line={line} />{line.name}</span>)}
        <p ref={readout} class="readout" />
      </div>
      <div ref={box} class="chart" role="img" aria-label={`Lines of hits by ${series.interval}. Totals: ${totals}. The table has every number.`} />
    </>
  );
}

const lineOf = (series: Series, key: string) => series.lines.find((l) => l.key === key);

function dataOf(series: Series, lines: readonly Line[]): uPlot.AlignedData {
  const none = series.buckets.map(() => 0);
  return [series.buckets.map((t) => Date.parse(t) / 1000), ...lines.map((line) => lineOf(series, line.key)?.hits ?? none)];
}

function optionsFor(series: Series, lines: readonly Line[], element: HTMLElement, readout: HTMLElement): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const axis = { stroke: token("ink-quiet"), font: `12px ${style.fontFamily}`, ticks: { show: false } };
  return {
    width: element.clientWidth,
    height,
    // Days begin at the midnights of the page's zone, not the browser's.
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), currentZone()),
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
      ...lines.map((line) => ({
        label: line.name,
        stroke: token(line.token),
        width: line.dash.length === 0 ? 2.25 : 1.75,
        dash: [...line.dash],
        points: { show: series.buckets.length === 1 },
      })),
    ],
    hooks: { setCursor: [(plot) => { readout.textContent = readoutAt(series, lines, plot.cursor.idx); }] },
  };
}

/** Midnights are named by their day, so that the axis says which day the clock times belong to. */
function tickName(seconds: number, step: number): string {
  const time = new Date(seconds * 1000);
  if (step >= 28 * 86_400) return timeText("month", time);
  const clock = timeText("clock", time);
  return step < 86_400 && clock !== "00:00" ? clock : timeText("day", time);
}

function readoutAt(series: Series, lines: readonly Line[], index: number | null | undefined): string {
  const time = index === null || index === undefined ? undefined : series.buckets[index];
  if (time === undefined) return "";
  const counts = lines.map((line) => `${line.name} ${count(lineOf(series, line.key)?.hits[index!] ?? 0)}`);
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
