import { reportUrl, type RobotsVersion, type RobotsVersionList } from "../api/client";
import { Compliance } from "../components/Compliance";
import { Exports } from "../components/Exports";
import { When } from "../components/Figure";
import { Listing, Waiting } from "../components/Listing";
import { Trouble } from "../components/Notes";
import { Panel } from "../components/Panel";
import { count } from "../format";
import { hrefTo, usePlace } from "../navigation";
import { useReport } from "../useReport";
import { useSpan } from "../useSpan";

const modes: Record<string, string> = { pass: "the origin", managed: "the edge", merged: "origin and edge" };

/** What the site's hosts served as robots.txt, and since when. */
export function Robots() {
  const { view, site } = usePlace();
  const url = reportUrl(site.site, "robots", {});
  const report = useReport<RobotsVersionList>(url);
  const { span } = useSpan();
  const hash = view.filters["hash"] ?? "";
  return (
    <>
      {hash && <Version hash={hash} />}
      <Compliance span={span} />
      <Panel id="versions" title="Versions of robots.txt" tools={<Exports url={url} subject="versions of robots.txt" />}>
        <Listing
          caption="Versions of robots.txt as served, newest first"
          from={{ items: report.data?.items ?? null, error: report.error, again: report.again }}
          keyOf={(row: RobotsVersion) => row.seenAt + row.host}
          columns={[
            { name: "Since", isHead: true, cell: (row) => <When at={row.seenAt} isExact /> },
            { name: "Host", cell: (row) => row.host },
            { name: "Status", isNumber: true, cell: (row) => row.status },
            { name: "Written by", cell: (row) => modes[row.mode] ?? row.mode },
            { name: "Bytes", isNumber: true, cell: (row) => count(row.bytes) },
            { name: "Version", cell: (row) => (row.hash ? <a href={hrefTo(view, "robots", { hash: row.hash })}><code>{row.hash.slice(0, 12)}</code></a> : "no file") },
          ]}
          empty="No robots.txt was served through the edge yet. It is kept from the first time that somebody fetches it; imported logs do not hold it."
        />
      </Panel>
    </>
  );
}

function Version({ hash }: { hash: string }) {
  const { view, site } = usePlace();
  const report = useReport<RobotsVersionList>(reportUrl(site.site, "robots", { hash }));
  const version = report.data?.items[0];
  return (
    <Panel id="version" title={`robots.txt, version ${hash.slice(0, 12)}`} tools={<a href={hrefTo(view, "robots")}>Close</a>}>
      {report.error ? <Trouble refusal={report.error} retry={report.again} /> : !report.data ? <Waiting />
        : version ? <pre class="file" tabIndex={0} aria-label="Text of this version">{version.text}</pre> : <p class="quiet">No version of this site has that hash. Choose one below.</p>}
    </Panel>
  );
}
