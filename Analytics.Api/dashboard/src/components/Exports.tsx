import { base } from "../view";
const formats = [["csv", "CSV"], ["jsonl", "JSON lines"], ["parquet", "Parquet"]] as const;

/** Links to the whole table behind a view, as files. */
export function Exports({ url, subject }: { url: string; subject: string }) {
  const whole = url.replace(/&limit=\d+/, "");
  return (
    <span class="exports" role="group" aria-label={`Save ${subject}`}>
      {formats.map(([format, name]) => <a key={format} href={`${base}${whole}&format=${format}`} download aria-label={`Save ${subject} as ${name}`}>{name}</a>)}
    </span>
  );
}
