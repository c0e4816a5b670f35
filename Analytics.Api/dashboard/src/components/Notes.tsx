import type { Refusal } from "../api/client";

/** What went wrong and what to do. */
export function Trouble({ refusal, retry }: { refusal: Refusal; retry: () => void }) {
  return (
    <div class="note error" role="alert">
      <p><strong>{refusal.message}</strong> {refusal.next}</p>
      <button type="button" onClick={retry}>Try again</button>
    </div>
  );
}
