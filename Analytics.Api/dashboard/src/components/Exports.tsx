import { useState } from "preact/hooks";
import { getCsv } from "../api/client";

/** Saves the whole table behind a view as CSV. */
export function Exports({ url, name, subject }: { url: string; name: string; subject: string }) {
  const [failed, setFailed] = useState(false);
  const save = async () => {
    setFailed(false);
    try {
      const whole = url.replace(/&limit=\d+/, "");
      const link = document.createElement("a");
      link.href = URL.createObjectURL(await getCsv(whole));
      link.download = `${name}.csv`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
    } catch {
      setFailed(true);
    }
  };
  return (
    <button type="button" onClick={save} aria-label={`Save ${subject} as CSV`}>
      {failed ? "CSV failed, try again" : "CSV"}
    </button>
  );
}
