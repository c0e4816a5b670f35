import type { ChangeRow, DefinitionRow } from "../api/client";
import { Command } from "../components/Command";
import { When } from "../components/Figure";
import { Keys } from "../components/Keys";
import { Listing } from "../components/Listing";
import { AuditLog, Members } from "../components/Members";
import { Panel } from "../components/Panel";
import { Shares } from "../components/Shares";
import { hrefTo, usePlace } from "../navigation";
import { usePages } from "../useReport";

/** Where this site is defined, who changed it, its share links, keys and members, and what was done. */
export function Settings() {
  const { view, site } = usePlace();
  const definitions = usePages<DefinitionRow>("/v1/definitions?limit=1000");
  const changes = usePages<ChangeRow>(`/v1/changes?site=${encodeURIComponent(site.site)}&limit=50`);
  const own = definitions.items?.filter((row) => row.site === site.site) ?? null;
  return (
    <>
      <Panel id="definition" title="Definition">
        <Listing
          caption="This site's definition in the control store" from={{ items: own, error: definitions.error, again: definitions.again }} keyOf={(row) => row.site}
          columns={[
            { name: "Site", isHead: true, cell: (row) => row.site },
            { name: "Version", isNumber: true, cell: (row) => row.version },
            { name: "Changed", isNumber: true, cell: (row) => <When at={row.changed} isExact /> },
          ]}
          empty="The control store does not define this site: it stands in a settings file, or was only imported. With weir sites put it is changed while everything runs."
        />
        <Command text={`./weir sites put ${site.site} site.json`} />
      </Panel>
      <Panel id="changes" title="Changes of this site">
        <Listing
          caption="Who changed this site, newest first" from={changes} keyOf={(row) => row.version}
          columns={[
            { name: "When", isHead: true, cell: (row) => <When at={row.time} isExact /> },
            { name: "Who", cell: (row) => row.actor },
            { name: "What", cell: (row) => (row.action === "remove" ? "removed it" : `version ${row.version}`) },
          ]}
          empty="Nobody changed it here."
        />
      </Panel>
      <Shares />
      <Keys />
      <Members />
      <AuditLog />
      <p><a href={hrefTo(view, "start")}>First steps</a></p>
    </>
  );
}
