import { useState } from "preact/hooks";
import { change, type WebhookRow } from "../api/client";
import { go, hrefTo, usePlace } from "../navigation";
import { useAction } from "../useAction";
import { Field, Tick } from "./Form";
import { Panel } from "./Panel";

const events: Record<string, string> = {
  "trigger.created": "A trigger says that answers may have changed",
  "scan.completed": "A scan found something",
  "scan.dead": "A scan was given up",
  "target.changed": "A citation was won or lost",
};

/** Makes a webhook, or writes one anew. */
export function WebhookForm({ webhook, written, close }: { webhook?: WebhookRow; written: () => void; close?: string }) {
  const { view } = usePlace();
  const [name, setName] = useState(webhook?.name ?? "");
  const [url, setUrl] = useState("");
  const [wanted, setWanted] = useState(webhook?.events ?? Object.keys(events));
  const [isOn, setIsOn] = useState(webhook?.isEnabled ?? true);
  const [secret, setSecret] = useState("");
  const action = useAction(written);

  const submit = (event: Event) => {
    event.preventDefault();
    setSecret("");
    const body = { ...(name.trim() && { name: name.trim() }), ...(url.trim() && { url: url.trim() }), events: wanted, isEnabled: isOn };
    void action.run(async () => {
      const row = await change<WebhookRow>(webhook ? "PUT" : "POST", webhook ? `/v1/webhooks/${webhook.id}` : "/v1/webhooks", body);
      setUrl("");
      if (webhook) return;
      setSecret(row.secret ?? "");
      setName("");
      go(hrefTo(view, "scans", { tab: "webhooks", webhook: row.id }));
    }, webhook ? "The webhook is changed." : "The webhook is made.");
  };

  return (
    <Panel id={webhook ? "edit-webhook" : "new-webhook"} title={webhook ? `Change ${webhook.name}` : "New webhook"} tools={close && <a href={close}>Close</a>}>
      <form class="form" onSubmit={submit}>
        <Field label="URL"><input type="url" required={!webhook} value={url} placeholder={webhook ? `stays ${webhook.url}` : "https://example.com/hook"} onInput={(e) => setUrl(e.currentTarget.value)} /></Field>
        <Field label="Name"><input type="text" maxLength={100} value={name} placeholder="the URL's host" onInput={(e) => setName(e.currentTarget.value)} /></Field>
        {Object.entries(events).map(([event, says]) => (
          <Tick key={event} label={`${says} (${event})`} isOn={wanted.includes(event)} set={(on) => setWanted(on ? [...wanted, event] : wanted.filter((e) => e !== event))} />
        ))}
        <Tick label="Is told" isOn={isOn} set={setIsOn} />
        <button type="submit" class="main" disabled={action.isBusy}>{webhook ? "Change webhook" : "Make webhook"}</button>
      </form>
      {action.said}
      {secret && <p role="status">Check signatures with this secret; it is shown this once: <code class="secret">{secret}</code></p>}
    </Panel>
  );
}
