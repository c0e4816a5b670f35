import { useState } from "preact/hooks";

/** A command to copy. */
export function Command({ text }: { text: string }) {
  const [said, setSaid] = useState("");
  const copy = () => {
    // Without HTTPS, except on the machine itself, browsers have no clipboard for pages.
    if (!navigator.clipboard) return setSaid("Select it and copy");
    navigator.clipboard.writeText(text).then(() => setSaid("Copied"), () => setSaid("Select it and copy"));
  };
  return (
    <div class="command">
      <pre tabIndex={0}><code>{text}</code></pre>
      <button type="button" onClick={copy} aria-label={`Copy: ${text}`}>{said || "Copy"}</button>
      <span class="hidden" role="status">{said}</span>
    </div>
  );
}
