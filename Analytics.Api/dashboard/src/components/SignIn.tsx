import { useState } from "preact/hooks";
import type { Refusal } from "../api/client";
import { SignInWays } from "./SignInWays";

export function SignIn({ enter }: { enter: (key: string) => Promise<void> }) {
  const [key, setKey] = useState("");
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setRefusal(null);
    try {
      await enter(key.trim());
    } catch (error) {
      setRefusal(error as Refusal);
      setBusy(false);
    }
  };

  return (
    <main class="sign-in">
      <h1>
        <svg viewBox="0 0 32 32" aria-hidden="true"><path d="M4 12c4-3.4 8-3.4 12 0s8 3.4 12 0M4 21c4-3.4 8-3.4 12 0s8 3.4 12 0" /></svg>
        Weir
      </h1>
      <SignInWays />
      <form onSubmit={submit}>
        <label for="key">API key</label>
        <input
          id="key"
          type="password"
          autocomplete="off"
          spellcheck={false}
          required
          autofocus
          value={key}
          aria-describedby="key-help key-error"
          aria-invalid={refusal !== null}
          onInput={(e) => setKey(e.currentTarget.value)}
        />
        <p id="key-help" class="quiet">
          The first start printed one and keeps it in <code>admin.key</code> in the data folder. <code>weir keys create</code> makes more.
        </p>
        <div id="key-error" role="alert">
          {refusal && <p class="error">{refusal.status === 401 ? "This key opens nothing: it is unknown, expired or revoked." : `${refusal.message} ${refusal.next}`}</p>}
        </div>
        <button type="submit" class="main" disabled={busy}>{busy ? "Signing in…" : "Sign in"}</button>
      </form>
    </main>
  );
}
