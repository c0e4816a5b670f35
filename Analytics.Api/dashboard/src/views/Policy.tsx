import { useEffect, useRef, useState } from "preact/hooks";
import { change, reportUrl, type PolicyList, type PolicyRow, type Refusal, type RuleList, type RuleRow } from "../api/client";
import { Exports } from "../components/Exports";
import { Count } from "../components/Figure";
import { Waiting } from "../components/Listing";
import { Trouble } from "../components/Notes";
import { Panel } from "../components/Panel";
import { count } from "../format";
import { usePlace } from "../navigation";
import { useReport } from "../useReport";
import { useSpan } from "../useSpan";
import { wordsOf } from "../view";

/** A site's rules in their order: what each did and would have done, and the switch that turns it on. */
export function Policy() {
  const { view, site, range } = usePlace();
  const { span, now, refresh } = useSpan(30_000);
  const url = reportUrl(site.site, "policy", { from: span.from, to: span.to });
  const report = useReport<PolicyList>(url, now);
  // Rules are of now, whatever range is looked at; asked again with everything else.
  const list = useReport<RuleList>(reportUrl(site.site, "policy/rules", { now: String(now) }));
  const [said, setSaid] = useState("");
  const rules = list.data, policy = report.data, error = list.error ?? report.error;
  const gone = (policy?.items ?? []).filter((row) => rules && !rules.items.some((r) => r.rule === row.rule));
  return (
    <Panel id="policy" title="Rules in their order" tools={<Exports url={url} subject="what the rules did" />}>
      {error && <Trouble refusal={error} retry={refresh} />}
      {!rules ? !error && <Waiting /> : rules.items.length === 0 ? <p class="quiet">{noRules}</p> : (
        <>
          <p class="quiet">{whereOf(rules)}</p>
          <ol class="rules">
            {rules.items.map((rule) => (
              <Rule key={rule.rule} site={site.site} words={wordsOf(view, range)} rule={rule} policy={policy} mayChange={rules.mayChange}
                changed={(words) => { setSaid(words); refresh(); }} />
            ))}
          </ol>
        </>
      )}
      {gone.length > 0 && (
        <p class="quiet">
          Rules of this range that the site has no more: {gone.map((row) => `${row.rule} (${verbOf(row)} ${count(row.hits)})`).join(", ")}.
        </p>
      )}
      <p class="quiet said" role="status">{said}</p>
    </Panel>
  );
}

const noRules = "This site has no rules: everybody is observed and nobody refused. Rules stand in the site's definition under \"policy\"; " +
  "weir policy test tries them on the stored hits first, and each begins in dry run.";

interface RuleProps {
  site: string;
  words: string;
  rule: RuleRow;
  policy: PolicyList | null;
  mayChange: boolean;
  changed: (words: string) => void;
}

function Rule({ site, words, rule, policy, mayChange, changed }: RuleProps) {
  const rows = (policy?.items ?? []).filter((row) => row.rule === rule.rule);
  const isEnforced = rule.mode === "enforce";
  return (
    <li data-rule={rule.rule}>
      <h3>
        {rule.rule} <span class={`mode ${rule.mode}`}>{isEnforced ? "enforced" : "dry run"}</span>
        <small>{rule.action} · {rule.settings.length > 0 ? rule.settings.join(" · ") : "every request"}</small>
      </h3>
      {policy && rows.length === 0 && <p class="quiet">No hit met it {words}.</p>}
      {policy && rows.map((row) => (
        <p key={`${row.mode} ${row.action}`}>
          {verbOf(row)} <strong><Count of={row.hits} to={{ rule: row.rule }} label={`hits that met ${row.rule}`} /></strong> of {count(policy.hits)} hits {words},{" "}
          <span class={row.likelyPeople > 0 && refusals.includes(row.action) ? "lost some" : "lost"}>{count(row.likelyPeople)} likely {row.likelyPeople === 1 ? "person" : "people"}</span>
          {row.crawlers.length > 0 && <span class="quiet"> · {row.crawlers.join(", ")}</span>}
        </p>
      ))}
      {mayChange && <Switch site={site} rule={rule} changed={changed} />}
    </li>
  );
}

/** One click, and one more to be sure. */
function Switch({ site, rule, changed }: { site: string; rule: RuleRow; changed: (words: string) => void }) {
  const [isAsking, setIsAsking] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [refusal, setRefusal] = useState<Refusal | null>(null);
  const first = useRef<HTMLButtonElement>(null);
  const sure = useRef<HTMLButtonElement>(null);
  const wasAsking = useRef(false);
  const isEnforced = rule.mode === "enforce";

  // Whoever uses the keyboard stays at the place they work on.
  useEffect(() => {
    if (isAsking) sure.current?.focus();
    else if (wasAsking.current) first.current?.focus();
    wasAsking.current = isAsking;
  }, [isAsking]);

  const turn = async () => {
    setIsBusy(true);
    try {
      await change("POST", `/v1/sites/${encodeURIComponent(site)}/policy/rules/${encodeURIComponent(rule.rule)}/${isEnforced ? "dry-run" : "enforce"}`);
      setRefusal(null);
      changed(isEnforced ? `${rule.rule} is in dry run again.` : `${rule.rule} is enforced; edges follow within seconds.`);
    } catch (error) {
      setRefusal(error as Refusal);
    }
    setIsBusy(false);
    setIsAsking(false);
  };

  return (
    <div class="switch" onKeyDown={(e) => { if (e.key === "Escape") setIsAsking(false); }}>
      {isAsking ? (
        <div role="group" aria-label={`Change ${rule.rule}`}>
          <span>{isEnforced ? "It will only say what it would have done." : `From then on it acts: ${rule.action}.`}</span>
          <button type="button" class="main" ref={sure} disabled={isBusy} onClick={turn}>{isEnforced ? "Return to dry run" : "Enforce now"}</button>
          <button type="button" disabled={isBusy} onClick={() => setIsAsking(false)}>Cancel</button>
        </div>
      ) : (
        <button type="button" ref={first} onClick={() => setIsAsking(true)} aria-label={`${isEnforced ? "Return to dry run" : "Enforce"}: ${rule.rule}`}>
          {isEnforced ? "Return to dry run…" : "Enforce…"}
        </button>
      )}
      {refusal && <p class="error" role="alert">{refusal.message} {refusal.next}</p>}
    </div>
  );
}

function whereOf(rules: RuleList): string {
  if (rules.source === "file") return `The first rule that matches decides. These rules stand in ${rules.place}: change a rule's "mode" there.`;
  return rules.mayChange ? "The first rule that matches decides."
    : "The first rule that matches decides. To turn rules on and off here, sign in with a key that has the scope sites:write.";
}

/** Actions that a person would notice. */
const refusals = ["limit", "block", "price"];

const did: Record<string, [string, string]> = {
  observe: ["Observed", "Would have observed"],
  allow: ["Allowed", "Would have allowed"],
  tag: ["Tagged", "Would have tagged"],
  limit: ["Refused above the limit", "Would have refused above the limit"],
  "within-limit": ["Passed within the limit", "Would have passed within the limit"],
  block: ["Blocked", "Would have blocked"],
  price: ["Asked a price of", "Would have asked a price of"],
};

const verbOf = (row: PolicyRow) => did[row.action]?.[row.mode === "enforce" ? 0 : 1] ?? row.action;
