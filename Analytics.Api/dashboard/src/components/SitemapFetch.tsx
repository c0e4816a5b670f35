import { useState } from "preact/hooks";
import { change, type SitemapFetched } from "../api/client";
import { count } from "../format";
import { usePlace } from "../navigation";
import { useAction } from "../useAction";
import { useReport } from "../useReport";
import { When } from "./Figure";
import { Field, Tick } from "./Form";

/** Has the site's sitemap fetched from where it is, once or every day. */
export function SitemapFetch({ fetched }: { fetched: () => void }) {
  const { site } = usePlace();
  const url = `/v1/sites/${encodeURIComponent(site.site)}/sitemap/fetch`;
  const standing = useReport<SitemapFetched>(url);
  const last = standing.data;
  const [address, setAddress] = useState<string | null>(null);
  const [daily, setDaily] = useState<boolean | null>(null);
  const action = useAction(() => { standing.again(); fetched(); });

  const submit = (event: Event) => {
    event.preventDefault();
    const where = (address ?? last?.url ?? "").trim();
    void action.run(() => change("POST", url, { ...(where && { url: where }), daily: daily ?? last?.daily ?? true }), "The sitemap is fetched.").then((done) => { if (!done) standing.again(); });
  };

  return (
    <>
      {last && (
        <p class="quiet">
          {last.fetchedAt ? <>Fetched <When at={last.fetchedAt} />: {count(last.files)} files, {count(last.pages)} pages. </> : "Not fetched yet. "}
          {last.next && <>Next <When at={last.next} />. </>}
          {last.error && <span class="bad">The last try failed: {last.error}</span>}
        </p>
      )}
      <form class="form" onSubmit={submit}>
        <Field label="Address of the sitemap"><input type="text" inputMode="url" value={address ?? last?.url ?? ""} placeholder="as robots.txt says" onInput={(e) => setAddress(e.currentTarget.value)} /></Field>
        <Tick label="Every day" isOn={daily ?? last?.daily ?? true} set={setDaily} />
        <button type="submit" disabled={action.isBusy}>{action.isBusy ? "Fetching…" : "Fetch sitemap"}</button>
      </form>
      {action.said}
    </>
  );
}
