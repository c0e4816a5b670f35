import { useEffect, useRef, useState } from "preact/hooks";
import { get, reportUrl, type HitPage, type HitRow } from "../api/client";
import { momentSeconds } from "../format";
import type { Verdict } from "../view";
import { Identity } from "./Identity";

const shown = 50;

type State = "connecting" | "live" | "paused" | "broken";
const words: Record<State, string> = { connecting: "Connecting…", live: "Live", paused: "Paused", broken: "Connection lost; trying again…" };

/** The newest hits, and new ones as they are stored. Pausing closes the stream; going on asks for what came meanwhile. */
interface Props {
  site: string;
  verdict: Verdict;
  /** Changes when the figures are asked for again: hits that were pending may have been settled since. */
  asOf: number;
  onHit: () => void;
}

export function LiveHits({ site, verdict, asOf, onHit }: Props) {
  const [hits, setHits] = useState<HitRow[]>([]);
  const [state, setState] = useState<State>("connecting");
  const [isPaused, setIsPaused] = useState(false);
  const notify = useRef(onHit);
  notify.current = onHit;

  useEffect(() => {
    if (isPaused) {
      setState("paused");
      return;
    }
    setState("connecting");
    const source = new EventSource(`/v1/live?site=${encodeURIComponent(site)}`);
    source.onopen = () => {
      setState("live");
    };
    source.onerror = () => setState("broken");
    source.addEventListener("hit", (event) => {
      setHits((known) => merge(known, [JSON.parse(event.data) as HitRow]));
      notify.current();
    });
    return () => source.close();
  }, [site, isPaused]);

  useEffect(() => {
    if (state !== "live") return;
    const abort = new AbortController();
    get<HitPage>(reportUrl(site, "hits", { limit: String(shown), verdict }), abort.signal)
      .then((page) => setHits((known) => merge(known, page.items)))
      .catch(() => {});
    return () => abort.abort();
  }, [site, state, verdict, asOf]);

  return (
    <section class="panel" aria-labelledby="live">
      <header>
        <h2 id="live">Hits</h2>
        <div class="tools">
          <span class={`stream ${state}`} role="status">{words[state]}</span>
          <button type="button" onClick={() => setIsPaused(!isPaused)}>{isPaused ? "Go on" : "Pause"}</button>
        </div>
      </header>
      {hits.length === 0 ? <p class="quiet">Waiting for the first hit.</p> : (
        <div class="scroll tall" role="region" aria-label="Newest hits" tabIndex={0}>
          <table class="hits">
            <caption class="hidden">Newest hits first, each with why it was judged so</caption>
            <thead><tr><th scope="col">Time</th><th scope="col">Client</th><th scope="col">Identity</th><th scope="col">Request</th><th scope="col" class="number">Status</th></tr></thead>
            <tbody>{hits.map((hit) => <Row key={hit.requestId + hit.time} hit={hit} />)}</tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function Row({ hit }: { hit: HitRow }) {
  return (
    <tr data-request={hit.requestId}>
      <td><time dateTime={hit.time} title={hit.time}>{momentSeconds(hit.time)}</time></td>
      <td>
        <details>
          <summary>{hit.crawlerName ?? kindNames[hit.kind] ?? hit.kind}</summary>
          <ul class="why">{hit.why.map((reason) => <li key={reason}>{reason}</li>)}</ul>
          <p class="agent">{hit.clientAddress} · {hit.userAgent ?? "no user agent"}</p>
        </details>
      </td>
      <td>{hit.identity === "not-claimed" ? <span class="quiet">none claimed</span> : <Identity name={hit.identity} />}</td>
      <td class="path" title={hit.path}>{hit.method} {hit.path}</td>
      <td class="number">{hit.status || "–"}</td>
    </tr>
  );
}

const kindNames: Record<string, string> = { "likely-human": "Likely human", automation: "Automation", unknown: "Unknown", crawler: "Crawler" };

/** Newest first, each once: a stream that went on may repeat what the list had. */
function merge(known: HitRow[], more: HitRow[]): HitRow[] {
  const all = new Map([...known, ...more].map((hit) => [hit.requestId + hit.time, hit]));
  return [...all.values()].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : a.requestId < b.requestId ? 1 : -1)).slice(0, shown);
}
