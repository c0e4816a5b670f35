import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { usePlace } from "./navigation";
import { spanOf, type Span } from "./view";

// Spans end at whole five seconds to come, so that people who look at the same at a time share the API's answers.
const momentMs = 5_000;
const nextMoment = () => Math.ceil(Date.now() / momentMs) * momentMs;

/** How long it takes until a new span would end later than the one of now. */
export const untilNextMoment = () => nextMoment() - Date.now();

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
  const refresh = useCallback(() => setNow(nextMoment()), []);
  useEffect(() => {
    refresh();
    if (everyMs === null) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") refresh();
    }, everyMs);
    return () => clearInterval(timer);
  }, [range, everyMs, refresh]);
  const span = useMemo(
    () => spanOf(range, now, site, view.days),
    [range, now, site.firstHit, site.lastHit, view.days?.from, view.days?.to, view.zone],
  );
  return { span, now, refresh };
}
