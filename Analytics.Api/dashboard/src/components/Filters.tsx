import { useEffect, useState } from "preact/hooks";

interface ChoiceProps {
  label: string;
  value: string;
  choices: readonly (readonly [value: string, name: string])[];
  change: (value: string) => void;
}

/** One of a few values, or any. */
export function Choice({ label, value, choices, change }: ChoiceProps) {
  return (
    <label>
      <span>{label}</span>
      <select value={value} onChange={(e) => change(e.currentTarget.value)}>
        <option value="">any</option>
        {value && !choices.some(([v]) => v === value) && <option value={value}>{value}</option>}
        {choices.map(([v, name]) => <option key={v} value={v}>{name}</option>)}
      </select>
    </label>
  );
}

/** A text that is used once it is whole: on Enter, or when one leaves the field. */
export function PathFilter({ label, value, change, hint }: { label: string; value: string; change: (text: string) => void; hint?: string }) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const commit = () => { if (text.trim() !== value) change(text.trim()); };
  return (
    <label class="text">
      <span>{label}</span>
      <input type="text" spellcheck={false} autocomplete="off" maxLength={4096} value={text} placeholder={hint}
        onInput={(e) => setText(e.currentTarget.value)} onBlur={commit} onKeyDown={(e) => { if (e.key === "Enter") commit(); }} />
    </label>
  );
}
