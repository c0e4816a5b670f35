import { useEffect, useRef, useState } from "preact/hooks";
import { post, type PolicyList, type PolicyRow, type Refusal, type RuleList, type RuleRow } from "../api/client";
import { count } from "../format";
import { ranges, type RangeName } from "../view";
import { CsvButton } from "./CsvButton";

interface Props {
  site: string;
  range: RangeName;
  rules: RuleList | null;
  policy: PolicyList | null;
  csvUrl: string;
  changed: () => void;
}

/** A site's rules in their order: what each did and would have done, and the switch that turns it on. */
export function Policy({ site, range, rules, policy, csvUrl, changed }: Props) {
  const [said, setSaid] = useState("");
  if (!rules || rules.items.length === 0) return null;
  const gone = (policy?.items ?? []).filter((row) => !rules.items.some((r) => r.rule === row.rule));
  return (
    <section class="panel" aria-labelledby="policy">
      <header>
        <h2 id="policy">Policy</h2>
        <div class="tools"><CsvButton url={csvUrl} name={`${site}-policy`} subject="what the rules did" /></div>
      </header>
      <p class="quiet">{whereOf(rules)}</p>
      <ol class="rules">
        {rules.items.map((rule) => (
          <Rule key={rule.rule} site={site} range={range} rule={rule} policy={policy} mayChange={rules.mayChange}
            changed={(words) => { setSaid(words); changed(); }} />
        ))}
      </ol>
      {gone.length > 0 && (
        <p class="quiet">
          Rules of this range that the site has no more: {gone.map((row) => `${row.rule} (${verbOf(row)} ${count(row.hits)})`).join(", ")}.
        </p>
      )}
      <p class="quiet said" role="status">{said}</p>
    </section>
  );
}

interface RuleProps {
  site: string;
  range: RangeName;
  rule: RuleRow;
  policy: PolicyList | null;
  mayChange: boolean;
  changed: (words: string) => void;
}

function Rule({ site, range, rule, policy, mayChange, changed }: RuleProps) {
  const rows = (policy?.items ?? []).filter((row) => row.rule === rule.rule);
  const isEnforced = rule.mode === "enforce";
  return (
    <li data-rule={rule.rule}>
      <h3>
        {rule.rule} <span class={`mode ${rule.mode}`}>{isEnforced ? "enforced" : "dry run"}</span>
        <small>{rule.action} · {rule.settings.length > 0 ? rule.settings.join(" · ") : "every request"}</small>
      </h3>
      {policy && rows.length === 0 && <p class="quiet">No hit met it {wordsOf(range)}.</p>}
      {policy && rows.map((row) => (
        <p key={`${row.mode} ${row.action}`}>
          {verbOf(row)} <strong>{count(row.hits)}</strong> of {count(policy.hits)} hits {wordsOf(range)},{" "}
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
      await post(`/v1/sites/${encodeURIComponent(site)}/policy/rules/${encodeURIComponent(rule.rule)}/${isEnforced ? "dry-run" : "enforce"}`);
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

function wordsOf(range: RangeName): string {
  return range === "all" ? "in all time" : `in ${ranges.find((r) => r.name === range)!.label}`;
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
