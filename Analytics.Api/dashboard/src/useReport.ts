import { useEffect, useRef, useState } from "preact/hooks";
import { get, type Refusal } from "./api/client";

export interface Report<T> {
  /** The newest answer; it stays while the next one is asked for. */
  data: T | null;
  error: Refusal | null;
}

/** Asks for a report whenever its URL changes; an answer that comes late is left out. */
export function useReport<T>(url: string | null): Report<T> {
  const [report, setReport] = useState<Report<T> & { of: string | null }>({ data: null, error: null, of: null });
  const subject = url?.split("?")[0] ?? null;
  const previousSubject = useRef(subject);
  useEffect(() => {
    if (url === null) return;
    const abort = new AbortController();
    get<T>(url, abort.signal).then(
      (data) => setReport({ data, error: null, of: subject }),
      (error) => {
        if (!abort.signal.aborted) setReport((last) => ({ data: last.data, error, of: last.of }));
      },
    );
    previousSubject.current = subject;
    return () => abort.abort();
  }, [url]);
  // Figures of another site must not stand under this one's name.
  return report.of === subject || report.of === null ? report : { data: null, error: null };
}
