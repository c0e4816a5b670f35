import { useEffect, useState } from "preact/hooks";
import { get, type Session } from "../api/client";

/** What the provider's way back says by ?sign-in=. */
const refusals: Record<string, string> = {
  unknown: "You are no member here yet. Ask an owner to invite the e-mail that you signed in with.",
  unverified: "Your provider does not say that your e-mail is yours. Have it verified there, or sign in with a key.",
  failed: "The sign-in did not come back as it left. Try again.",
};

/** The way in by OpenID Connect, where there is one, and why it led back. */
export function SignInWays() {
  const [session, setSession] = useState<Session | null>(null);
  const why = new URLSearchParams(location.search).get("sign-in");
  useEffect(() => {
    get<Session>("/session").then(setSession, () => {});
  }, []);
  const query = new URLSearchParams(location.search);
  query.delete("sign-in");
  const back = location.pathname + (query.size ? `?${query}` : "");
  return (
    <>
      {why && refusals[why] && <p class="error" role="alert">{refusals[why]}</p>}
      {session?.oidc && <p><a class="button" href={`/session/oidc?returnTo=${encodeURIComponent(back)}`}>Sign in with your organisation</a></p>}
    </>
  );
}
