import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import type { Refusal } from "./api/client";

export interface Action {
  isBusy: boolean;
  /** Does something, and says so; a refusal is said with what to do. True when it was done. */
  run: (act: () => Promise<unknown>, done: string) => Promise<boolean>;
  /** What came of it, to be put where people look. */
  said: ComponentChildren;
}

/** Changes something by the API, and has what it changes read again. */
export function useAction(changed: () => void): Action {
  const [isBusy, setIsBusy] = useState(false);
  const [words, setWords] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const run = async (act: () => Promise<unknown>, done: string) => {
    setIsBusy(true);
    setRefusal(null);
    setWords("");
    try {
      await act();
      setWords(done);
      changed();
      return true;
    } catch (error) {
      setRefusal(error as Refusal);
      return false;
    } finally {
      setIsBusy(false);
    }
  };
  const said = (
    <>
      <p class="quiet said" role="status">{words}</p>
      {refusal && <p class="error" role="alert">{refusal.message} {refusal.next}</p>}
    </>
  );
  return { isBusy, run, said };
}
