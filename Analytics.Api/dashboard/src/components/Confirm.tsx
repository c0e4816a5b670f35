import { useLayoutEffect, useRef, useState } from "preact/hooks";

interface Props {
  label: string;
  /** What it is done to, for those who hear the button alone. */
  of: string;
  yes: string;
  act: () => void;
}

/** One click, and one more to be sure. The keyboard stays where it was. */
export function Confirm({ label, of, yes, act }: Props) {
  const [isAsking, setIsAsking] = useState(false);
  const first = useRef<HTMLButtonElement>(null);
  const sure = useRef<HTMLButtonElement>(null);
  const wasAsking = useRef(false);
  useLayoutEffect(() => {
    if (isAsking) sure.current?.focus();
    else if (wasAsking.current) first.current?.focus();
    wasAsking.current = isAsking;
  }, [isAsking]);
  if (!isAsking) return <button type="button" ref={first} aria-label={`${label}: ${of}`} onClick={() => setIsAsking(true)}>{label}…</button>;
  return (
    <span class="actions" role="group" aria-label={`${label} ${of}`} onKeyDown={(e) => { if (e.key === "Escape") setIsAsking(false); }}>
      <button type="button" class="main" ref={sure} onClick={() => { setIsAsking(false); act(); }}>{yes}</button>
      <button type="button" onClick={() => setIsAsking(false)}>Cancel</button>
    </span>
  );
}
