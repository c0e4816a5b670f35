import { useEffect, useRef, useState } from "preact/hooks";
import { get, type Refusal, type SuggestionRow, type SuggestionRows } from "./api/client";

// A page of the list looks at some queries, and none of them may have a suggestion: further ones are asked for until there is something to see.
const rowsWanted = 20;
const callsMax = 20;

interface Found {
  items: SuggestionRow[];
  next: string | null;
  /** Queries that were looked at. */
  queries: number;
  /** Pages that are known with their words. */
  pages: number;
}

/** Reads suggestions by cursor, past queries that have none. */
export function useSuggestions(url: string) {
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<Refusal | null>(null);
  const [isLoading, setIsLoading] = useState(true);
  const [round, setRound] = useState(0);
  const asked = useRef<AbortController | null>(null);

  const ask = async (before: Found | null) => {
    asked.current?.abort();
    const abort = (asked.current = new AbortController());
    setIsLoading(true);
    try {
      let all: Found = before ?? { items: [], next: null, queries: 0, pages: 0 };
      const wanted = all.items.length + rowsWanted;
      for (let call = 0; call < callsMax; call++) {
        const page = await get<SuggestionRows>(all.next ? `${url}&cursor=${encodeURIComponent(all.next)}` : url, abort.signal);
        all = { items: [...all.items, ...page.items], next: page.next ?? null, queries: all.queries + page.queries, pages: page.pages };
        if (!all.next || all.items.length >= wanted) break;
      }
      setFound(all);
      setError(null);
      setIsLoading(false);
    } catch (refusal) {
      if (abort.signal.aborted) return;
      setError(refusal as Refusal);
      setIsLoading(false);
    }
  };

  useEffect(() => {
    setFound(null);
    void ask(null);
    return () => asked.current?.abort();
  }, [url, round]);

  return {
    items: found?.items ?? null,
    queries: found?.queries ?? 0,
    pages: found?.pages ?? 0,
    error,
    hasMore: !!found?.next,
    isLoading,
    more: () => { if (found?.next) void ask(found); },
    again: () => setRound((n) => n + 1),
  };
}
