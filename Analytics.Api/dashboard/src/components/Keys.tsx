import { useState } from "preact/hooks";
import { change, type CreatedKey, type KeyRow } from "../api/client";
import { usePlace } from "../navigation";
import { useAction } from "../useAction";
import { usePages } from "../useReport";
import { Confirm } from "./Confirm";
import { When } from "./Figure";
import { Field } from "./Form";
import { Listing } from "./Listing";
import { Panel } from "./Panel";

const kinds = [
  ["analytics:read", "read the figures"],
  ["analytics:read,scans:read,targets:read,triggers:read,sites:read", "read everything"],
  ["triggers:read,scans:write", "work off scans"],
] as const;

/** Keys of the organisation: what each opens, and when it was last used. */
export function Keys() {
  const { site } = usePlace();
  const list = usePages<KeyRow>("/v1/keys?limit=100");
  const action = useAction(list.again);
  const [name, setName] = useState("");
  const [scopes, setScopes] = useState<string>(kinds[0][0]);
  const [isForSite, setIsForSite] = useState(true);
  const [made, setMade] = useState("");

  const create = (event: Event) => {
    event.preventDefault();
    setMade("");
    void action.run(async () => {
      const answer = await change<CreatedKey>("POST", "/v1/keys", { name: name.trim(), scopes: scopes.split(","), ...(isForSite && { sites: [site.site] }) });
      setMade(answer.key);
      setName("");
    }, "The key is made.");
  };

  return (
    <Panel id="keys" title="Keys">
      <Listing
        caption="Keys of the organisation" from={list} keyOf={(row) => row.id}
        columns={[
          { name: "Key", isHead: true, cell: (row) => <>{row.name || "unnamed"}<small>{row.id}</small></> },
          { name: "Opens", cell: (row) => <span class="words">{row.scopes.join(", ")}{row.sites && ` · only ${row.sites.join(", ")}`}</span> },
          { name: "State", cell: (row) => row.state },
          { name: "Last used", isNumber: true, cell: (row) => <When at={row.lastUsed} /> },
          { name: "Expires", isNumber: true, cell: (row) => <When at={row.expires} /> },
          { name: "Change", cell: (row) => row.state === "active" && <Confirm label="Revoke" of={row.name || row.id} yes="Revoke now" act={() => action.run(() => change("DELETE", `/v1/keys/${row.id}`), `${row.name || row.id} opens nothing any more.`)} /> },
        ]}
        empty="No key yet."
      />
      <form class="form" onSubmit={create}>
        <Field label="Name of a new key"><input type="text" required maxLength={200} value={name} onInput={(e) => setName(e.currentTarget.value)} /></Field>
        <Field label="It may"><select value={scopes} onChange={(e) => setScopes(e.currentTarget.value)}>{kinds.map(([value, words]) => <option key={value} value={value}>{words}</option>)}</select></Field>
        <Field label="Of"><select value={isForSite ? "site" : "all"} onChange={(e) => setIsForSite(e.currentTarget.value === "site")}><option value="site">{site.name || site.site} only</option><option value="all">all sites</option></select></Field>
        <button type="submit" class="main" disabled={action.isBusy}>Make key</button>
      </form>
      {action.said}
      {made && <p role="status">It is shown this once: <code class="secret">{made}</code></p>}
    </Panel>
  );
}
