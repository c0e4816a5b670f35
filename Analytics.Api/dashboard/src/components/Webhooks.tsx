import { useState } from "preact/hooks";
import { change, type DeliveryView, type WebhookRow, type WebhookSent } from "../api/client";
import { hrefTo, usePlace } from "../navigation";
import { useAction } from "../useAction";
import { usePages } from "../useReport";
import { Confirm } from "./Confirm";
import { When } from "./Figure";
import { Inbound } from "./Inbound";
import { Listing } from "./Listing";
import { Panel } from "./Panel";
import { WebhookForm } from "./WebhookForm";

const base = "/v1/webhooks";

/** Programs that are told what happens to targets, what they were sent, and programs that tell Weir. */
export function Webhooks() {
  const { view } = usePlace();
  const list = usePages<WebhookRow>(`${base}?`);
  const [round, setRound] = useState(0);
  const action = useAction(() => { list.again(); setRound((n) => n + 1); });
  const [secret, setSecret] = useState<{ name: string; text: string } | null>(null);
  const shown = list.items?.find((row) => row.id === view.filters["webhook"]);
  const edited = list.items?.find((row) => row.id === view.filters["edit"]);
  const to = (filters: Record<string, string>) => hrefTo(view, "scans", { tab: "webhooks", ...filters });
  const renew = (row: WebhookRow) => action.run(async () => {
    const { secret: text } = await change<WebhookRow>("POST", `${base}/${row.id}/secret`);
    setSecret({ name: row.name, text: text ?? "" });
  }, `${row.name} has a new secret; messages are signed with the old one too for a day.`);
  const pause = (row: WebhookRow) => action.run(
    () => change("PUT", `${base}/${row.id}`, { name: row.name, events: row.events, isEnabled: !row.isEnabled }),
    row.isEnabled ? `${row.name} is told nothing until it is switched on; what happens meanwhile is not told later.` : `${row.name} is told again.`);
  return (
    <>
      {edited && <WebhookForm key={edited.id} webhook={edited} written={list.again} close={to({})} />}
      {shown && <Deliveries key={shown.id} of={shown} asOf={round} close={to({})} />}
      <Panel id="webhooks" title="Webhooks">
        {action.said}
        {secret && <p role="status">Check the signatures of {secret.name} with this secret; it is shown this once: <code class="secret">{secret.text}</code></p>}
        <Listing
          caption="Webhooks of the organisation" from={list} keyOf={(row) => row.id}
          columns={[
            { name: "Webhook", isHead: true, cell: (row) => <><a href={to({ webhook: row.id })}>{row.name}</a><small>{row.url}</small></> },
            { name: "Is told of", cell: (row) => row.events.join(", ") },
            { name: "Now", cell: (row) => (row.isEnabled ? <span class="identity verified">told</span> : <span class="words">{row.disabled}</span>) },
            { name: "Secret", cell: (row) => (row.oldSecretUntil ? <>two until <When at={row.oldSecretUntil} /></> : "one") },
            {
              name: "Change",
              cell: (row) => (
                <span class="actions">
                  <a href={to({ edit: row.id })} aria-label={`Edit ${row.name}`}>Edit</a>
                  <button type="button" aria-label={`Test ${row.name}`} disabled={action.isBusy}
                    onClick={() => action.run(() => change("POST", `${base}/${row.id}/test`), `A test is on its way to ${row.name}.`)}>Test</button>
                  <button type="button" aria-label={`${row.isEnabled ? "Pause" : "Switch on"} ${row.name}`} disabled={action.isBusy} onClick={() => pause(row)}>{row.isEnabled ? "Pause" : "Switch on"}</button>
                  <Confirm label="New secret" of={row.name} yes="Make a new secret" act={() => renew(row)} />
                  <Confirm label="Delete" of={row.name} yes="Delete it with its log" act={() => action.run(() => change("DELETE", `${base}/${row.id}`), `${row.name} is deleted.`)} />
                </span>
              ),
            },
          ]}
          empty="No webhook yet. Make one below: it is POSTed what happens to your targets, signed, and tried for three days."
        />
      </Panel>
      {!edited && <WebhookForm written={list.again} />}
      <Inbound />
    </>
  );
}

/** What a webhook was sent, with every attempt. */
function Deliveries({ of, asOf, close }: { of: WebhookRow; asOf: number; close: string }) {
  const list = usePages<DeliveryView>(`${base}/${of.id}/deliveries?limit=50`, asOf);
  const action = useAction(list.again);
  const [sent, setSent] = useState<number | null>(null);
  const again = async (body: object) => setSent((await change<WebhookSent>("POST", `${base}/${of.id}/replay`, body)).deliveries);
  return (
    <Panel id="deliveries" title={`Deliveries to ${of.name}`} tools={<a href={close}>Close</a>}>
      <p class="actions">
        <button type="button" onClick={list.again}>Look again</button>
        <Confirm label="Replay what was given up" of={of.name} yes="Send all of it again" act={() => action.run(() => again({ from: "1970-01-01T00:00:00Z" }), "What was given up is sent again.")} />
      </p>
      {action.said}
      {sent !== null && <p class="quiet" role="status">{sent} put in the queue.</p>}
      <Listing
        caption={`Deliveries to ${of.name}, newest first`} from={list} keyOf={(row) => row.id}
        columns={[
          { name: "Made", isHead: true, cell: (row) => <When at={row.created} isExact /> },
          { name: "Message", cell: (row) => <><span class="words">{row.title}</span><small>{row.type}, {row.id}</small></> },
          { name: "State", cell: (row) => <><span class={row.state === "dead" ? "bad" : undefined}>{states[row.state] ?? row.state}</span>{row.due && <small>next try <When at={row.due} /></small>}</> },
          { name: "Attempts", cell: (row) => (row.attempts.length === 0 ? <span class="quiet">none yet</span> : <ul class="landing">{row.attempts.map((a) => <li key={a.at}>{a.status || "no answer"} in {a.durationMs} ms{a.error && <small>{a.error}</small>}</li>)}</ul>) },
          { name: "Again", cell: (row) => row.state !== "waiting" && <button type="button" aria-label={`Replay ${row.title} of ${row.created}`} disabled={action.isBusy} onClick={() => action.run(() => again({ delivery: row.id }), "It is sent again under its id.")}>Replay</button> },
        ]}
        empty="Nothing was sent yet. Test sends a sample; what happens from now on is sent within seconds."
      />
    </Panel>
  );
}

const states: Record<string, string> = { waiting: "waiting", delivered: "delivered", dead: "given up" };
