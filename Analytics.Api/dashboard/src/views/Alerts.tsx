import { useState } from "preact/hooks";
import { change, type AlertRow, type DeliveryView } from "../api/client";
import { Confirm } from "../components/Confirm";
import { When } from "../components/Figure";
import { Field } from "../components/Form";
import { Listing } from "../components/Listing";
import { Panel } from "../components/Panel";
import { go, hrefTo, usePlace } from "../navigation";
import { useAction } from "../useAction";
import { usePages } from "../useReport";

const kinds: Record<string, string> = {
  "new-crawler": "A new AI crawler came",
  spoofing: "Much of a crawler's hits is spoofed",
  "crawl-stopped": "A crawler that came regularly came no more",
  robots: "A crawler broke robots.txt",
  "not-crawled": "Pages were not crawled for some days",
};

/** What is looked for, what is firing, and what was sent. */
export function Alerts() {
  const { view, site } = usePlace();
  const base = `/v1/sites/${encodeURIComponent(site.site)}/alerts`;
  const list = usePages<AlertRow>(`${base}?`);
  const action = useAction(list.again);
  const id = view.filters["alert"];
  const shown = list.items?.find((row) => row.id === id);
  return (
    <>
      {action.said}
      {shown && <Deliveries base={base} alert={shown} />}
      <Panel id="alerts" title="Alerts of this site">
        <Listing
          caption="Alerts of this site" from={list} keyOf={(row) => row.id}
          columns={[
            { name: "Alert", isHead: true, cell: (row) => <><a href={hrefTo(view, "alerts", { alert: row.id })}>{row.name}</a><small>{kinds[row.rule.kind ?? ""] ?? row.rule.kind}{boundsOf(row)}</small></> },
            { name: "Now", cell: (row) => <Firing row={row} /> },
            { name: "Goes to", cell: (row) => <span class="words">{row.channels.map((c) => `${c.kind} ${c.address}${c.isGone ? " (gone)" : ""}`).join(", ")}</span> },
            {
              name: "Change",
              cell: (row) => (
                <span class="actions">
                  <button type="button" aria-label={`Send a test of ${row.name}`} disabled={action.isBusy}
                    onClick={() => action.run(() => change("POST", `${base}/${row.id}/test`), `A test of ${row.name} is on its way.`)}>Test</button>
                  <Confirm label="Remove" of={row.name} yes="Remove it with its log" act={() => action.run(() => change("DELETE", `${base}/${row.id}`), `${row.name} is removed.`)} />
                </span>
              ),
            },
          ]}
          empty="No alert yet. Make one below: it looks every minute and sends a message when what it looks for is found, and when it is over."
        />
      </Panel>
      <NewAlert base={base} made={list.again} />
    </>
  );
}

function Firing({ row }: { row: AlertRow }) {
  if (!row.isEnabled) return <span class="quiet">off</span>;
  if (row.firing.length === 0) return <span class="identity verified">quiet</span>;
  return <ul class="landing">{row.firing.map((f) => <li key={f.subject ?? ""}><strong class="bad">Firing</strong> {f.summary} <span class="quiet">since <When at={f.since} /></span></li>)}</ul>;
}

function boundsOf({ rule }: AlertRow): string {
  const parts = [
    rule.pathPrefix, rule.rate !== null && rule.rate !== undefined && `above ${Math.round(Number(rule.rate) * 100)} %`, rule.minHits && `from ${rule.minHits} hits`,
    rule.windowHours && `in ${rule.windowHours} h`, rule.days && `${rule.days} days`, rule.factor && `${rule.factor} times its usual gap`, rule.crawlers?.join(", "),
  ].filter(Boolean);
  return parts.length > 0 ? ` · ${parts.join(" · ")}` : "";
}

function Deliveries({ base, alert }: { base: string; alert: AlertRow }) {
  const { view } = usePlace();
  const list = usePages<DeliveryView>(`${base}/${alert.id}/deliveries?limit=50`);
  const action = useAction(list.again);
  return (
    <Panel id="deliveries" title={`Messages of ${alert.name}`} tools={<a href={hrefTo(view, "alerts")}>Close</a>}>
      {action.said}
      <Listing
        caption={`Messages of ${alert.name}, newest first`} from={list} keyOf={(row) => row.id}
        columns={[
          { name: "Made", isHead: true, cell: (row) => <When at={row.created} isExact /> },
          { name: "Message", cell: (row) => <><span class="words">{row.title}</span><small>{row.type} by {row.kind}</small></> },
          { name: "State", cell: (row) => <>{row.state}{row.due && <small>next try <When at={row.due} /></small>}</> },
          { name: "Attempts", cell: (row) => <ul class="landing">{row.attempts.map((a) => <li key={a.at}>{a.status || "no answer"} in {a.durationMs} ms {a.error && <span class="quiet">{a.error}</span>}</li>)}</ul> },
          { name: "Again", cell: (row) => row.state !== "waiting" && <button type="button" aria-label={`Send ${row.title} again`} disabled={action.isBusy} onClick={() => action.run(() => change("POST", `${base}/${alert.id}/deliveries/${row.id}/replay`), "It is sent again.")}>Replay</button> },
        ]}
        empty="Nothing was sent yet. Test sends a sample to every channel."
      />
    </Panel>
  );
}

const channels = { webhook: "Webhook (signed)", email: "E-mail", slack: "Slack or another chat's URL" } as const;

function NewAlert({ base, made }: { base: string; made: () => void }) {
  const { view } = usePlace();
  const [kind, setKind] = useState("new-crawler");
  const [name, setName] = useState("");
  const [prefix, setPrefix] = useState("/");
  const [channel, setChannel] = useState<keyof typeof channels>("webhook");
  const [address, setAddress] = useState("");
  const [secret, setSecret] = useState("");
  const action = useAction(made);

  const submit = (event: Event) => {
    event.preventDefault();
    const to = channel === "email" ? { kind: channel, to: address.split(/[\s,]+/).filter(Boolean) } : { kind: channel, url: address.trim() };
    const body = { name: name.trim() || kinds[kind], rule: kind === "not-crawled" ? { kind, pathPrefix: prefix } : { kind }, channels: [to] };
    void action.run(async () => {
      const row = await change<AlertRow>("POST", base, body);
      setSecret(row.channels.find((c) => c.secret)?.secret ?? "");
      setName("");
      go(hrefTo(view, "alerts", { alert: row.id }));
    }, "The alert is made.");
  };

  return (
    <Panel id="new-alert" title="New alert">
      <form class="form" onSubmit={submit}>
        <Field label="When"><select value={kind} onChange={(e) => setKind(e.currentTarget.value)}>{Object.entries(kinds).map(([k, words]) => <option key={k} value={k}>{words}</option>)}</select></Field>
        {kind === "not-crawled" && <Field label="Paths that begin with"><input type="text" required value={prefix} onInput={(e) => setPrefix(e.currentTarget.value)} /></Field>}
        <Field label="Name"><input type="text" maxLength={100} value={name} placeholder={kinds[kind]} onInput={(e) => setName(e.currentTarget.value)} /></Field>
        <Field label="Tell by"><select value={channel} onChange={(e) => setChannel(e.currentTarget.value as keyof typeof channels)}>{Object.entries(channels).map(([k, words]) => <option key={k} value={k}>{words}</option>)}</select></Field>
        <Field label={channel === "email" ? "Addresses" : "URL"}>
          <input type="text" inputMode={channel === "email" ? "email" : "url"} required value={address} placeholder={channel === "email" ? "team@example.com" : "https://example.com/hook"} onInput={(e) => setAddress(e.currentTarget.value)} />
        </Field>
        <button type="submit" class="main" disabled={action.isBusy}>Make alert</button>
      </form>
      {action.said}
      {secret && <p role="status">Check signatures with this secret; it is shown this once: <code>{secret}</code></p>}
    </Panel>
  );
}
