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

/** The first minutes: nothing is stored yet. */
export function Guide({ site, check }: { site: string; check: () => void }) {
  return (
    <section class="guide" aria-labelledby="guide">
      <h2 id="guide">No hits yet</h2>
      <p>Read an access log that you already have:</p>
      <pre><code>./weir import access.log --site {site}</code></pre>
      <p>Or send requests through the edge, which listens on port 8080:</p>
      <pre><code>curl http://127.0.0.1:8080/</code></pre>
      <button type="button" onClick={check}>Look again</button>
    </section>
  );
}
