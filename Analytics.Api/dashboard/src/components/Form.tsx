import type { ComponentChildren } from "preact";

/** A field of a form under its name. */
export function Field({ label, children }: { label: string; children: ComponentChildren }) {
  return <label><span>{label}</span>{children}</label>;
}

/** Something that is so or not, with what it means beside it. */
export function Tick({ label, isOn, set }: { label: string; isOn: boolean; set: (on: boolean) => void }) {
  return <label class="tick"><input type="checkbox" checked={isOn} onChange={(e) => set(e.currentTarget.checked)} /><span>{label}</span></label>;
}
