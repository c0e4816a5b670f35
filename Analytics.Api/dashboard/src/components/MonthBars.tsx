import type { Series } from "../api/client";
import { count } from "../format";
import { audience } from "../lines";
import { timeText } from "../time";

const width = 720, height = 150, base = 20, left = 44;

/** Days of a month as bars, in SVG: sharp on paper at any size, where a canvas is not. */
export function MonthBars({ series }: { series: Series }) {
  const parts = audience.slice(0, 3).map((line) => ({ ...line, hits: series.lines.find((l) => l.key === line.key)?.hits ?? [] }));
  const totals = series.buckets.map((_, i) => parts.reduce((sum, part) => sum + (part.hits[i] ?? 0), 0));
  const most = Math.max(1, ...totals);
  const step = (width - left) / Math.max(1, series.buckets.length);
  const scale = (height - base - 8) / most;
  const peak = totals.indexOf(Math.max(...totals));
  const words = `Hits by day, largest ${count(totals[peak] ?? 0)}${series.buckets[peak] ? ` on ${timeText("day", new Date(series.buckets[peak]!))}` : ""}`;
  return (
    <figure>
      <svg class="bars" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={words}>
        <text x={left - 6} y={14} text-anchor="end">{count(most)}</text>
        <text x={left - 6} y={height - base} text-anchor="end">0</text>
        <line x1={left} x2={width} y1={height - base} y2={height - base} />
        {series.buckets.map((time, i) => {
          let top = height - base;
          return (
            <g key={time}>
              {parts.map((part) => {
                const size = (part.hits[i] ?? 0) * scale;
                top -= size;
                return size > 0 && <rect key={part.key} class={part.token} x={left + i * step + 1} width={Math.max(1, step - 2)} y={top} height={size} />;
              })}
              {(i % 7 === 0) && <text x={left + i * step + step / 2} y={height - 5} text-anchor="middle">{timeText("day", new Date(time))}</text>}
            </g>
          );
        })}
      </svg>
      <figcaption class="legend">{parts.map((part) => <span key={part.key}><i class={`swatch ${part.token}`} aria-hidden="true" />{part.name}</span>)}<span>{words}</span></figcaption>
    </figure>
  );
}
