import { useEffect, useRef, useState } from "preact/hooks";
import { getFresh, reportUrl, type HitPage, type HitRow } from "../api/client";
import { hrefTo, usePlace } from "../navigation";
import { base } from "../view";
import { HitTable } from "./HitTable";
import { Panel } from "./Panel";

type State = "connecting" | "live" | "paused" | "broken";
const words: Record<State, string> = { connecting: "Connecting…", live: "Live", paused: "Paused", broken: "Connection lost; trying again…" };

interface Props {
  /** How many to keep. */
  most: number;
  /** Changes when the figures are asked for again: hits that were pending may have been settled since. */
  asOf: number;
  onHit?: () => void;
}

/** The newest hits, and new ones as they are stored. Pausing closes the stream; going on asks for what came meanwhile. */
export function LiveHits({ most, asOf, onHit }: Props) {
  const { view, site } = usePlace();
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
    const source = new EventSource(`${base}/v1/live?site=${encodeURIComponent(site.site)}`);
    source.onopen = () => setState("live");
    source.onerror = () => setState("broken");
    source.addEventListener("hit", (event) => {
      setHits((known) => merge(known, [JSON.parse(event.data) as HitRow], most));
      notify.current?.();
    });
    return () => source.close();
  }, [site.site, isPaused]);

  useEffect(() => {
    if (state !== "live") return;
    const abort = new AbortController();
    getFresh<HitPage>(reportUrl(site.site, "hits", { limit: String(most), verdict: view.verdict }), abort.signal)
      .then((page) => setHits((known) => merge(known, page.items, most)))
      .catch(() => {});
    return () => abort.abort();
  }, [site.site, state, view.verdict, asOf]);

  const tools = (
    <>
      <span class={`stream ${state}`} role="status">{words[state]}</span>
      <button type="button" onClick={() => setIsPaused(!isPaused)}>{isPaused ? "Go on" : "Pause"}</button>
    </>
  );
  return (
    <Panel id="live" title="Newest hits" tools={tools}>
      {hits.length === 0
        ? <p class="quiet">Waiting for the first hit. <a href={hrefTo(view, "start")}>How to get some</a></p>
        : <HitTable hits={hits} caption="Newest hits first" isTall={view.name !== "live"} />}
    </Panel>
  );
}

/** Newest first, each once: a stream that went on may repeat what the list had. */
function merge(known: HitRow[], more: HitRow[], most: number): HitRow[] {
  const all = new Map([...known, ...more].map((hit) => [hit.requestId + hit.time, hit]));
  return [...all.values()].sort((a, b) => (a.time < b.time ? 1 : a.time > b.time ? -1 : a.requestId < b.requestId ? 1 : -1)).slice(0, most);
}
