import type { ComponentChildren } from "preact";

/** A field of a form under its name. */
export function Field({ label, children }: { label: string; children: ComponentChildren }) {
  return <label><span>{label}</span>{children}</label>;
}
