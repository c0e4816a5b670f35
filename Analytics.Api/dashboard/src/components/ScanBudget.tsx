import { useState } from "preact/hooks";
import { change, type Scheduling } from "../api/client";
import { count } from "../format";
import { type Action, useAction } from "../useAction";
import { useReport } from "../useReport";
import { When } from "./Figure";
import { Field } from "./Form";
import { Waiting } from "./Listing";
import { Trouble } from "./Notes";
import { Panel } from "./Panel";

const policies: Record<string, string> = {
  index: "index: what is worth most within the budget",
  tiers: "tiers: every 1, 3, 7 or 30 days by volatility",
  sampling: "sampling: a part each day",
  event: "event: whatever may have changed, without a budget",
};

/** How scans are chosen, what they may cost, and how planning stands. */
export function ScanBudget() {
  const report = useReport<Scheduling>("/v1/scheduling");
  const action = useAction(report.again); // here: what it says outlives the form, which is made anew with what was written
  return (
    <Panel id="budget" title="Policy and budget">
      {report.error && <Trouble refusal={report.error} retry={report.again} />}
      {report.data ? <BudgetForm key={JSON.stringify(report.data)} of={report.data} action={action} /> : !report.error && <Waiting />}
      {action.said}
    </Panel>
  );
}

function BudgetForm({ of, action }: { of: Scheduling; action: Action }) {
  const [policy, setPolicy] = useState(of.policy);
  const [by, setBy] = useState(of.share === null || of.share === undefined ? "scansPerDay" : "share");
  const [amount, setAmount] = useState(String(of.scansPerDay ?? (of.share === null || of.share === undefined ? "" : of.share * 100)));
  const [costs, setCosts] = useState(Object.entries(of.costs).map(([engine, cost]) => `${engine}=${cost}`).join(", "));

  const submit = (event: Event) => {
    event.preventDefault();
    const given = costs.split(/[\s,]+/).filter(Boolean).map((text) => text.split("="));
    const budget = policy === "event" || !amount.trim() ? {} : { [by]: Number(amount) / (by === "share" ? 100 : 1) };
    void action.run(() => change("PUT", "/v1/scheduling", { policy, ...budget, costs: Object.fromEntries(given.map(([engine, cost]) => [engine, Number(cost)])) }), "Policy and budget are written; they are in force within a minute.");
  };

  return (
    <>
      {of.standing && (
        <p class="quiet">
          As of <When at={of.standing.at} />: {count(of.standing.targets)} targets, {count(of.standing.neverScanned)} never scanned; {count(Math.floor(of.standing.tokens))} scans may be made now.
          {of.standing.lateTicks > 0 && ` Planning was late ${count(of.standing.lateTicks)} times and went by intervals meanwhile.`}
        </p>
      )}
      <form class="form" onSubmit={submit}>
        <Field label="Policy"><select value={policy} onChange={(e) => setPolicy(e.currentTarget.value)}>{Object.entries(policies).map(([name, words]) => <option key={name} value={name}>{words}</option>)}</select></Field>
        {policy !== "event" && (
          <>
            <Field label="Budget"><select value={by} onChange={(e) => setBy(e.currentTarget.value)}><option value="scansPerDay">scans a day</option><option value="share">% of daily scanning</option></select></Field>
            <Field label={by === "share" ? "Per cent" : "Scans a day"}><input type="text" inputMode="decimal" value={amount} onInput={(e) => setAmount(e.currentTarget.value)} /></Field>
          </>
        )}
        <Field label="Cost of a scan, by engine"><input type="text" value={costs} placeholder={`chatgpt=0.02 (others ${of.costPerScan})`} onInput={(e) => setCosts(e.currentTarget.value)} /></Field>
        <button type="submit" class="main" disabled={action.isBusy}>Write</button>
      </form>
    </>
  );
}
