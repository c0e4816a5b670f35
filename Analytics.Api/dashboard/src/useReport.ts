import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { get, type Refusal } from "./api/client";

export interface Report<T> {
  /** The newest answer; it stays while the next one is asked for. */
  data: T | null;
  error: Refusal | null;
  /** Asks again. */
  again: () => void;
}

/** Asks for a report whenever its URL changes, or the moment that it is asked for; an answer that comes late is left out. */
export function useReport<T>(url: string | null, asOf = 0): Report<T> {
  const [report, setReport] = useState<{ data: T | null; error: Refusal | null; of: string | null }>({ data: null, error: null, of: null });
  const [round, setRound] = useState(0);
  const again = useCallback(() => setRound((n) => n + 1), []);
  const subject = url?.split("?")[0] ?? null;
  useEffect(() => {
    if (url === null) return;
    const abort = new AbortController();
    get<T>(url, abort.signal).then(
      (data) => setReport({ data, error: null, of: subject }),
      (error) => {
        if (!abort.signal.aborted) setReport((last) => ({ data: last.of === subject ? last.data : null, error, of: subject }));
      },
    );
    return () => abort.abort();
  }, [url, round, asOf]);
  // Figures of another site must not stand under this one's name.
  return report.of === subject ? { data: report.data, error: report.error, again } : { data: null, error: null, again };
}

/** A list that is read page by page. */
export interface Pages<T> {
  /** Null until the first answer. */
  items: T[] | null;
  error: Refusal | null;
  /** Whether there is more to ask for. */
  hasMore: boolean;
  isLoading: boolean;
  more: () => void;
  again: () => void;
}

/** Reads a list by cursor: the first page when its URL or the moment changes, further ones on request. */
export function usePages<T>(url: string, asOf = 0, cursorName = "cursor"): Pages<T> {
  const [list, setList] = useState<{ of: string; items: T[]; next: string | null } | null>(null);
  const [error, setError] = useState<Refusal | null>(null);
  const [isLoading, setIsLoading] = useState(true);
  const [round, setRound] = useState(0);
  const asked = useRef<AbortController | null>(null);

  const ask = (cursor: string | null) => {
    asked.current?.abort();
    const abort = (asked.current = new AbortController());
    setIsLoading(true);
    get<{ items: T[]; next?: string | null }>(cursor ? `${url}&${cursorName}=${encodeURIComponent(cursor)}` : url, abort.signal).then(
      (page) => {
        // The list of triggers names a next place at its end too: a place to ask from later.
        const next = page.items.length > 0 ? (page.next ?? null) : null;
        setList((last) => ({ of: url, items: cursor && last?.of === url ? [...last.items, ...page.items] : page.items, next }));
        setError(null);
        setIsLoading(false);
      },
      (refusal) => {
        if (abort.signal.aborted) return;
        setError(refusal);
        setIsLoading(false);
      },
    );
  };

  useEffect(() => {
    ask(null);
    return () => asked.current?.abort();
  }, [url, round, asOf]);

  return {
    items: list?.items ?? null,
    error,
    hasMore: !!list?.next,
    isLoading,
    more: () => list?.next && ask(list.next),
    again: () => setRound((n) => n + 1),
  };
}
