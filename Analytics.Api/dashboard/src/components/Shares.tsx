import { useState } from "preact/hooks";
import { change, type CreatedShare, type ShareRow } from "../api/client";
import { usePlace } from "../navigation";
import { useAction } from "../useAction";
import { usePages } from "../useReport";
import { Confirm } from "./Confirm";
import { When } from "./Figure";
import { Field } from "./Form";
import { Listing } from "./Listing";
import { Panel } from "./Panel";

/** Links that show this site's figures to whoever has them, and nothing else. */
export function Shares() {
  const { site } = usePlace();
  const url = `/v1/sites/${encodeURIComponent(site.site)}/shares`;
  const list = usePages<ShareRow>(`${url}?limit=100`);
  const action = useAction(list.again);
  const [name, setName] = useState("");
  const [days, setDays] = useState("30");
  const [made, setMade] = useState("");

  const create = (event: Event) => {
    event.preventDefault();
    setMade("");
    void action.run(async () => {
      const expires = days && new Date(Date.now() + Number(days) * 86_400_000).toISOString();
      const answer = await change<CreatedShare>("POST", url, { name: name.trim(), ...(expires && { expires }) });
      setMade(location.origin + answer.path);
      setName("");
    }, "The link is made.");
  };

  return (
    <Panel id="shares" title="Share links of this site">
      <Listing
        caption="Share links of this site" from={list} keyOf={(row) => row.id}
        columns={[
          { name: "Link", isHead: true, cell: (row) => <>{row.name || "unnamed"}<small>{row.id}</small></> },
          { name: "State", cell: (row) => row.state },
          { name: "Made", isNumber: true, cell: (row) => <When at={row.created} /> },
          { name: "Expires", isNumber: true, cell: (row) => <When at={row.expires} /> },
          { name: "Change", cell: (row) => row.state === "active" && <Confirm label="Revoke" of={row.name || row.id} yes="Revoke now" act={() => action.run(() => change("DELETE", `${url}/${row.id}`), `${row.name || row.id} shows nothing any more.`)} /> },
        ]}
        empty="No link yet. Whoever has one sees this site's figures without signing in, and changes nothing."
      />
      <form class="form" onSubmit={create}>
        <Field label="Name of a new link"><input type="text" required maxLength={200} value={name} onInput={(e) => setName(e.currentTarget.value)} /></Field>
        <Field label="Ends"><select value={days} onChange={(e) => setDays(e.currentTarget.value)}><option value="7">in 7 days</option><option value="30">in 30 days</option><option value="365">in a year</option><option value="">never</option></select></Field>
        <button type="submit" class="main" disabled={action.isBusy}>Make link</button>
      </form>
      {action.said}
      {made && <p role="status">It is shown this once: <code class="secret" data-share>{made}</code></p>}
    </Panel>
  );
}
