import { useState } from "preact/hooks";
import { change, type AlertRow } from "../api/client";
import { go, hrefTo, usePlace } from "../navigation";
import { useAction } from "../useAction";
import { Field, Tick } from "./Form";
import { Panel } from "./Panel";

export const alertKinds: Record<string, string> = {
  "new-crawler": "A new AI crawler came",
  spoofing: "Much of a crawler's hits is spoofed",
  "crawl-stopped": "A crawler that came regularly came no more",
  robots: "A crawler broke robots.txt",
  "not-crawled": "Pages were not crawled for some days",
};

interface Bound {
  name: "pathPrefix" | "rate" | "minHits" | "windowHours" | "factor" | "minVisits" | "days";
  label: string;
  /** What it is when not given. */
  usual: string;
  /** What one shown unit is to the API. */
  unit?: number;
}

const window: Bound = { name: "windowHours", label: "Within, in hours", usual: "24" };

const bounds: Record<string, Bound[]> = {
  "new-crawler": [{ name: "days", label: "Not in a site's first days", usual: "7" }],
  spoofing: [{ name: "rate", label: "More than, in %", usual: "20", unit: 0.01 }, { name: "minHits", label: "From this many spoofed hits", usual: "20" }, window],
  "crawl-stopped": [{ name: "factor", label: "Times its usual gap", usual: "5" }, { name: "minVisits", label: "From this many visits", usual: "10" }],
  robots: [{ name: "minHits", label: "From this many fetches", usual: "10" }, window],
  "not-crawled": [{ name: "pathPrefix", label: "Paths that begin with", usual: "/" }, { name: "days", label: "For days", usual: "7" }],
};

const channels = { webhook: "Webhook (signed)", email: "E-mail", slack: "Slack or another chat's URL" } as const;

const text = (value: number | string | null | undefined, unit = 1) => (value === null || value === undefined ? "" : typeof value === "string" ? value : String(Number((value / unit).toFixed(6))));

const words = (list: string) => list.split(/[\s,]+/).filter(Boolean);

/** Makes an alert, or writes one anew. */
export function AlertForm({ base, alert, written }: { base: string; alert?: AlertRow; written: () => void }) {
  const { view } = usePlace();
  const [kind, setKind] = useState(alert?.rule.kind ?? "new-crawler");
  const [given, setGiven] = useState<Record<string, string>>(() => Object.fromEntries((bounds[alert?.rule.kind ?? ""] ?? []).map((b) => [b.name, text(alert?.rule[b.name], b.unit)])));
  const [name, setName] = useState(alert?.name ?? "");
  const [crawlers, setCrawlers] = useState(alert?.rule.crawlers?.join(", ") ?? "");
  const [cooldown, setCooldown] = useState(String(alert?.cooldownMinutes ?? 60));
  const [tellsEnd, setTellsEnd] = useState(alert?.sendResolved ?? true);
  const [isOn, setIsOn] = useState(alert?.isEnabled ?? true);
  const [kept, setKept] = useState(alert?.channels.map((c) => c.id) ?? []);
  const [channel, setChannel] = useState<keyof typeof channels | "">(alert ? "" : "webhook");
  const [address, setAddress] = useState("");
  const [secret, setSecret] = useState("");
  const action = useAction(written);

  const submit = (event: Event) => {
    event.preventDefault();
    const rule: Record<string, unknown> = { kind };
    if (crawlers.trim()) rule["crawlers"] = words(crawlers);
    for (const b of bounds[kind] ?? []) if (given[b.name]) rule[b.name] = b.name === "pathPrefix" ? given[b.name] : Number(given[b.name]) * (b.unit ?? 1);
    if (kind === "not-crawled") rule["pathPrefix"] ??= "/";
    // Purposes have no field here: those that somebody chose stay as long as the rule looks for the same.
    if (alert && kind === alert.rule.kind && alert.rule.purposes) rule["purposes"] = alert.rule.purposes;
    const added = channel === "" ? [] : [channel === "email" ? { kind: channel, to: words(address) } : { kind: channel, url: address.trim() }];
    const body = { name: name.trim() || alertKinds[kind], rule, channels: [...kept.map((id) => ({ id })), ...added], cooldownMinutes: Number(cooldown), sendResolved: tellsEnd, isEnabled: isOn };
    void action.run(async () => {
      const row = await change<AlertRow>(alert ? "PUT" : "POST", alert ? `${base}/${alert.id}` : base, body);
      setSecret(row.channels.find((c) => c.secret)?.secret ?? "");
      setKept(alert ? row.channels.map((c) => c.id) : []);
      setChannel(alert ? "" : channel);
      setAddress("");
      if (alert) return;
      setName("");
      go(hrefTo(view, "alerts", { alert: row.id }));
    }, alert ? "The alert is changed." : "The alert is made.");
  };

  return (
    <Panel id={alert ? "edit-alert" : "new-alert"} title={alert ? `Change ${alert.name}` : "New alert"} tools={alert && <a href={hrefTo(view, "alerts")}>Close</a>}>
      <form class="form" onSubmit={submit}>
        <Field label="When"><select value={kind} onChange={(e) => { setKind(e.currentTarget.value); setGiven({}); }}>{Object.entries(alertKinds).map(([k, says]) => <option key={k} value={k}>{says}</option>)}</select></Field>
        {(bounds[kind] ?? []).map((b) => (
          <Field key={b.name} label={b.label}>
            <input type="text" inputMode={b.name === "pathPrefix" ? "text" : "decimal"} value={given[b.name] ?? ""} placeholder={b.usual} onInput={(e) => setGiven({ ...given, [b.name]: e.currentTarget.value })} />
          </Field>
        ))}
        <Field label="Only these crawlers"><input type="text" value={crawlers} placeholder="all" onInput={(e) => setCrawlers(e.currentTarget.value)} /></Field>
        <Field label="Name"><input type="text" maxLength={100} value={name} placeholder={alertKinds[kind]} onInput={(e) => setName(e.currentTarget.value)} /></Field>
        <Field label="Minutes between messages"><input type="number" min="0" max="10080" required value={cooldown} onInput={(e) => setCooldown(e.currentTarget.value)} /></Field>
        {alert?.channels.map((c) => (
          <Tick key={c.id} label={`Goes to ${c.kind} ${c.address}`} isOn={kept.includes(c.id)} set={(on) => setKept(on ? [...kept, c.id] : kept.filter((id) => id !== c.id))} />
        ))}
        <Field label={alert ? "Tell also by" : "Tell by"}>
          <select value={channel} onChange={(e) => setChannel(e.currentTarget.value as keyof typeof channels)}>
            {alert && <option value="">nothing more</option>}
            {Object.entries(channels).map(([k, says]) => <option key={k} value={k}>{says}</option>)}
          </select>
        </Field>
        {channel !== "" && (
          <Field label={channel === "email" ? "Addresses" : "URL"}>
            <input type="text" inputMode={channel === "email" ? "email" : "url"} required value={address} placeholder={channel === "email" ? "team@example.com" : "https://example.com/hook"} onInput={(e) => setAddress(e.currentTarget.value)} />
          </Field>
        )}
        <Tick label="Says when it is over" isOn={tellsEnd} set={setTellsEnd} />
        <Tick label="Looks" isOn={isOn} set={setIsOn} />
        <button type="submit" class="main" disabled={action.isBusy}>{alert ? "Change alert" : "Make alert"}</button>
      </form>
      {action.said}
      {secret && <p role="status">Check signatures with this secret; it is shown this once: <code>{secret}</code></p>}
    </Panel>
  );
}
