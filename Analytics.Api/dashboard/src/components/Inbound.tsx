import { useState } from "preact/hooks";
import { change, type InboundRow } from "../api/client";
import { useAction } from "../useAction";
import { usePages } from "../useReport";
import { Command } from "./Command";
import { Confirm } from "./Confirm";
import { When } from "./Figure";
import { Field } from "./Form";
import { Listing } from "./Listing";
import { Panel } from "./Panel";

const base = "/v1/events/inbound";

/** Endpoints that take signed events of other programs. */
export function Inbound() {
  const list = usePages<InboundRow>(`${base}?`);
  const action = useAction(list.again);
  const [name, setName] = useState("");
  const [given, setGiven] = useState("");
  const [made, setMade] = useState<InboundRow | null>(null);

  const create = (event: Event) => {
    event.preventDefault();
    setMade(null);
    void action.run(async () => {
      setMade(await change<InboundRow>("POST", base, { ...(name.trim() && { name: name.trim() }), ...(given.trim() && { secret: given.trim() }) }));
      setName("");
      setGiven("");
    }, "The endpoint is made.");
  };

  return (
    <Panel id="inbound" title="Events that come in">
      <p class="quiet">A program that signs as Standard Webhooks describe it tells here that a competitor published, an engine was updated or a question trends.</p>
      <Listing
        caption="Endpoints for signed events" from={list} keyOf={(row) => row.id}
        columns={[
          { name: "Endpoint", isHead: true, cell: (row) => row.name },
          { name: "Messages go to", cell: (row) => <code class="words">{location.origin + row.path}</code> },
          { name: "Made", isNumber: true, cell: (row) => <When at={row.created} /> },
          { name: "Change", cell: (row) => <Confirm label="Delete" of={row.name} yes="Delete it now" act={() => action.run(() => change("DELETE", `${base}/${row.id}`), `${row.name} is deleted; what is sent there is refused.`)} /> },
        ]}
        empty="No endpoint yet. Make one for each program that sends events."
      />
      <form class="form" onSubmit={create}>
        <Field label="Name of a new endpoint"><input type="text" maxLength={100} value={name} placeholder="events" onInput={(e) => setName(e.currentTarget.value)} /></Field>
        <Field label="Secret, when the sender made it"><input type="text" autocomplete="off" spellcheck={false} value={given} placeholder="one is made" onInput={(e) => setGiven(e.currentTarget.value)} /></Field>
        <button type="submit" class="main" disabled={action.isBusy}>Make endpoint</button>
      </form>
      {action.said}
      {made && <Command text={location.origin + made.path} />}
      {made?.secret && <p role="status">Sign with this secret; it is shown this once: <code class="secret">{made.secret}</code></p>}
    </Panel>
  );
}
