import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { usePlace } from "./navigation";
import { spanOf, type Span } from "./view";

// Pages that move on by themselves do so at whole five seconds, so that people who look at the same at a time share the API's answers.
const momentMs = 5_000;
const nextMoment = () => Math.ceil(Date.now() / momentMs) * momentMs;

export interface Moment {
  /** The span that all reports of the page share. */
  span: Span;
  /** When it was fixed, in Unix milliseconds. */
  now: number;
  /** Moves it on to now. */
  refresh: () => void;
}

/** The chosen span of time. It moves on by itself only where asked: a list that somebody reads must stand still. */
export function useSpan(everyMs: number | null = null): Moment {
  const { view, site, range } = usePlace();
  const [now, setNow] = useState(nextMoment);
  // Whoever asks for it twice within five seconds wants to see what has come in between.
  const refresh = useCallback(() => setNow((last) => Math.max(last + 1, nextMoment())), []);
  useEffect(() => {
    const move = () => setNow(nextMoment());
    move();
    if (everyMs === null) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") move();
    }, everyMs);
    return () => clearInterval(timer);
  }, [range, everyMs]);
  const span = useMemo(
    () => spanOf(range, now, site, view.days),
    [range, now, site.firstHit, site.lastHit, view.days?.from, view.days?.to, view.zone],
  );
  return { span, now, refresh };
}
