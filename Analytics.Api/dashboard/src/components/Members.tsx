import { useState } from "preact/hooks";
import { change, type AuditRow, type MemberRow, type Organisation } from "../api/client";
import { useAction } from "../useAction";
import { usePages, useReport } from "../useReport";
import { Confirm } from "./Confirm";
import { When } from "./Figure";
import { Field } from "./Form";
import { Listing } from "./Listing";
import { Panel } from "./Panel";

const roles = [["viewer", "viewer: looks"], ["editor", "editor: changes sites and targets"], ["owner", "owner: everything"]] as const;
const url = "/v1/organisation/members";

/** Who belongs to the organisation, and as what. */
export function Members() {
  const organisation = useReport<Organisation>("/v1/organisation");
  const list = usePages<MemberRow>(`${url}?limit=100`);
  const action = useAction(list.again);
  const [email, setEmail] = useState("");
  const [role, setRole] = useState("viewer");
  const you = organisation.data?.you;

  const invite = (event: Event) => {
    event.preventDefault();
    void action.run(async () => {
      await change("POST", url, { email: email.trim(), role });
      setEmail("");
    }, `${email.trim()} may sign in.`);
  };

  return (
    <Panel id="members" title={`Members${organisation.data ? ` of ${organisation.data.name || organisation.data.id}` : ""}`}>
      {you && <p class="quiet">You are the {you.kind} {you.name || you.id}{you.role && `, ${you.role}`}; you may {you.scopes.includes("admin") ? "do everything" : you.scopes.join(", ")}.</p>}
      {you && <p><Confirm label="Sign out everywhere" of={you.name || you.id} yes="End every session" act={() => action.run(() => change("DELETE", "/session?everywhere=true").then(() => dispatchEvent(new Event("weir-signed-out"))), "You are signed out.")} /></p>}
      <Listing
        caption="Members of the organisation" from={list} keyOf={(row) => row.id}
        columns={[
          { name: "Member", isHead: true, cell: (row) => row.email },
          {
            name: "Role",
            cell: (row) => (
              <select aria-label={`Role of ${row.email}`} value={row.role} disabled={action.isBusy}
                onChange={(e) => { const next = e.currentTarget.value; void action.run(() => change("PATCH", `${url}/${row.id}`, { role: next }), `${row.email} is ${next} now.`).then((done) => { if (!done) list.again(); }); }}>
                {roles.map(([value]) => <option key={value} value={value}>{value}</option>)}
              </select>
            ),
          },
          { name: "Signed in", isNumber: true, cell: (row) => (row.hasSignedIn ? <When at={row.signedIn} /> : "invited") },
          { name: "Change", cell: (row) => <Confirm label="Remove" of={row.email} yes="Remove now" act={() => action.run(() => change("DELETE", `${url}/${row.id}`), `${row.email} is no member any more.`)} /> },
        ]}
        empty="Nobody but keys. Who is invited here signs in with that address at your identity provider."
      />
      <form class="form" onSubmit={invite}>
        <Field label="E-mail of a new member"><input type="email" required value={email} onInput={(e) => setEmail(e.currentTarget.value)} /></Field>
        <Field label="Role"><select value={role} onChange={(e) => setRole(e.currentTarget.value)}>{roles.map(([value, words]) => <option key={value} value={value}>{words}</option>)}</select></Field>
        <button type="submit" class="main" disabled={action.isBusy}>Invite</button>
      </form>
      {action.said}
    </Panel>
  );
}

/** Who did what to keys, members, sites and rules, and who signed in. */
export function AuditLog() {
  const list = usePages<AuditRow>("/v1/audit?limit=50");
  return (
    <Panel id="audit" title="Audit log">
      <Listing
        caption="Who did what, newest first" from={list} keyOf={(row) => row.id} isTall
        columns={[
          { name: "When", isHead: true, cell: (row) => <When at={row.time} isExact /> },
          { name: "Who", cell: (row) => <>{row.actor.name || row.actor.id || row.actor.kind}<small>{[row.actor.kind, row.address].filter(Boolean).join(" · ")}</small></> },
          { name: "What", cell: (row) => row.action },
          { name: "To", cell: (row) => <>{row.subject}<small class="words">{row.detail}</small></> },
        ]}
        empty="Nothing was changed yet."
      />
    </Panel>
  );
}
