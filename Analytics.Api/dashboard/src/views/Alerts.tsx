import { change, type AlertRow, type DeliveryView } from "../api/client";
import { AlertForm, alertKinds } from "../components/AlertForm";
import { Confirm } from "../components/Confirm";
import { When } from "../components/Figure";
import { Listing } from "../components/Listing";
import { Panel } from "../components/Panel";
import { hrefTo, usePlace } from "../navigation";
import { useAction } from "../useAction";
import { usePages } from "../useReport";

/** What is looked for, what is firing, and what was sent. */
export function Alerts() {
  const { view, site } = usePlace();
  const base = `/v1/sites/${encodeURIComponent(site.site)}/alerts`;
  const list = usePages<AlertRow>(`${base}?`);
  const action = useAction(list.again);
  const id = view.filters["alert"];
  const shown = list.items?.find((row) => row.id === id);
  const edited = list.items?.find((row) => row.id === view.filters["edit"]);
  return (
    <>
      {action.said}
      {edited && <AlertForm key={edited.id} base={base} alert={edited} written={list.again} />}
      {shown && <Deliveries base={base} alert={shown} />}
      <Panel id="alerts" title="Alerts of this site">
        <Listing
          caption="Alerts of this site" from={list} keyOf={(row) => row.id}
          columns={[
            { name: "Alert", isHead: true, cell: (row) => <><a href={hrefTo(view, "alerts", { alert: row.id })}>{row.name}</a><small>{alertKinds[row.rule.kind ?? ""] ?? row.rule.kind}{boundsOf(row)}</small></> },
            { name: "Now", cell: (row) => <Firing row={row} /> },
            { name: "Goes to", cell: (row) => <span class="words">{row.channels.map((c) => `${c.kind} ${c.address}${c.isGone ? " (gone)" : ""}`).join(", ")}</span> },
            {
              name: "Change",
              cell: (row) => (
                <span class="actions">
                  <a href={hrefTo(view, "alerts", { edit: row.id })} aria-label={`Edit ${row.name}`}>Edit</a>
                  <button type="button" aria-label={`Test ${row.name}`} disabled={action.isBusy}
                    onClick={() => action.run(() => change("POST", `${base}/${row.id}/test`), `A test of ${row.name} is on its way.`)}>Test</button>
                  <Confirm label="Remove" of={row.name} yes="Remove it with its log" act={() => action.run(() => change("DELETE", `${base}/${row.id}`), `${row.name} is removed.`)} />
                </span>
              ),
            },
          ]}
          empty="No alert yet. Make one below: it looks every minute and sends a message when what it looks for is found, and when it is over."
        />
      </Panel>
      {!edited && <AlertForm base={base} written={list.again} />}
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
          { name: "Again", cell: (row) => row.state !== "waiting" && <button type="button" aria-label={`Replay ${row.title}`} disabled={action.isBusy} onClick={() => action.run(() => change("POST", `${base}/${alert.id}/deliveries/${row.id}/replay`), "It is sent again.")}>Replay</button> },
        ]}
        empty="Nothing was sent yet. Test sends a sample to every channel."
      />
    </Panel>
  );
}
