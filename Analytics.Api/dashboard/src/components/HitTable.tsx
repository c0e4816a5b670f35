import type { ComponentChildren } from "preact";
import type { HitRow } from "../api/client";
import { momentSeconds } from "../format";
import { Command } from "./Command";
import { Identity } from "./Identity";

/** Hits, newest first, each with why it was judged so. */
export function HitTable({ hits, caption, isTall }: { hits: HitRow[]; caption: string; isTall?: boolean }) {
  return (
    <div class={isTall ? "scroll tall" : "scroll"} role="region" aria-label={`Table: ${caption}`} tabIndex={0}>
      <table class="hits">
        <caption class="hidden">{caption}, each with why it was judged so</caption>
        <thead><tr><th scope="col">Time</th><th scope="col">Client</th><th scope="col">Identity</th><th scope="col">Request</th><th scope="col" class="number">Status</th></tr></thead>
        <tbody>{hits.map((hit) => <Row key={hit.requestId + hit.time} hit={hit} />)}</tbody>
      </table>
    </div>
  );
}

function Row({ hit }: { hit: HitRow }) {
  return (
    <tr data-request={hit.requestId}>
      <td><time dateTime={hit.time} title={hit.time}>{momentSeconds(hit.time)}</time></td>
      <td>
        <details>
          <summary>{hit.crawlerName ?? kindNames[hit.kind] ?? hit.kind}</summary>
          <Why hit={hit} />
        </details>
      </td>
      <td>{hit.identity === "not-claimed" ? <span class="quiet">none claimed</span> : <Identity name={hit.identity} />}</td>
      <td class="path" title={hit.path}>{hit.method} {hit.path}</td>
      <td class="number">{hit.status || "–"}</td>
    </tr>
  );
}

/** Why this verdict: what was found, by which list, and how to ask again. */
function Why({ hit }: { hit: HitRow }) {
  const facts: [string, ComponentChildren][] = [
    ["Verdict", `${kindNames[hit.kind] ?? hit.kind}, score ${hit.score} of 100, confidence ${hit.confidence}`],
    ["Identity", identityOf(hit)],
    ["Amended", hit.amendedBy === "late-identity" ? "its identity was found out after it was stored" : hit.amendedBy ? "by weir reclassify" : null],
    ["Client", [hit.clientAddress ?? "address not kept", hit.country, hit.asn && `AS${hit.asn}`].filter(Boolean).join(" · ")],
    ["User agent", hit.userAgent ?? "none sent"],
    ["Referrer", hit.referrer],
    ["Answer", [hit.status ? `status ${hit.status}` : "left before an answer", `${hit.bytesSent} bytes`, hit.durationMs && `${hit.durationMs} ms`].filter(Boolean).join(" · ")],
    ["Error", hit.error],
    ["Request", `${hit.requestId} · ${hit.host} · from the ${hit.source === "import" ? "imported log" : "edge"}`],
  ];
  return (
    <div class="why">
      <ul>{hit.why.map((reason) => <li key={reason}>{reason}</li>)}</ul>
      <dl>{facts.filter(([, value]) => value).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
      <p class="quiet">Weights of each reason, and what would change the verdict:</p>
      <Command text={classify(hit)} />
      <p class="quiet">Wrong? See what today's catalog and lists would say of the stored hits:</p>
      <Command text={`./weir reclassify --dry-run --from ${hit.time.slice(0, 10)}`} />
    </div>
  );
}

function identityOf(hit: HitRow): string {
  const how = hit.identityMethod ? ` by ${methods[hit.identityMethod] ?? hit.identityMethod}` : "";
  const claim = hit.crawlerName ? ` (says it is ${hit.crawlerName} of ${hit.operator}${hit.purpose ? `, ${hit.purpose}` : ""})` : "";
  return `${hit.identity.replace("-", " ")}${how}${hit.rangeList ? `, list ${hit.rangeList}` : ""}${claim}`;
}

const methods: Record<string, string> = { range: "address list", "reverse-dns": "reverse DNS", signature: "signature" };

export const kindNames: Record<string, string> = { "likely-human": "Likely human", automation: "Automation", unknown: "Unknown", crawler: "Crawler" };

/** The command that judges the same request; texts of the client are quoted so that a shell reads them as texts. */
function classify(hit: HitRow): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
  const address = hit.clientAddress && /^[0-9a-f.:]+$/i.test(hit.clientAddress) ? ` --ip ${hit.clientAddress}` : "";
  return `./weir classify --ua ${quoted(hit.userAgent ?? "")}${address}`;
}
