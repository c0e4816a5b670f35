import type { Summary } from "../api/client";
import { change, count, share, shortCount } from "../format";
import { audience, type Line } from "../lines";
import { hrefTo, usePlace } from "../navigation";
import type { Filters } from "../view";
import { Mark } from "./Chart";

interface Props {
  summary: Summary | null;
  before: Summary | null;
  hasBefore: boolean;
}

const spoofed: Line = { key: "spoofed", name: "Spoofed", token: "bad", dash: [5, 4] };

/** The site in five numbers, each with its change and a link to its hits. */
export function Figures({ summary, before, hasBefore }: Props) {
  const { view } = usePlace();
  return (
    <dl class="figures">
      {[...audience, spoofed].map((line) => {
        const now = summary && valueOf(summary, line.key);
        const delta = now !== null && before ? change(now, valueOf(before, line.key)) : null;
        const value = <span class="value" data-value={now ?? ""} title={now === null ? undefined : count(now)}>{now === null ? "–" : shortCount(now)}</span>;
        const to = hits[line.key];
        return (
          <div key={line.key} data-figure={line.key}>
            <dt>{line.key !== "spoofed" && <Mark line={line} />}{line.name}</dt>
            <dd>
              {to ? <a href={hrefTo(view, "hits", to)}>{value}</a> : value}
              {hasBefore && <span class="delta">{delta ? <><span aria-hidden="true">{delta.text}</span><span class="hidden">{delta.spoken}</span></> : "\u00a0"}</span>}
              <span class="more">{summary ? detailOf(summary, line.key) : "\u00a0"}</span>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

const hits: Record<string, Filters> = {
  "likely-human": { kind: "likely-human" },
  "ai-crawler": { kind: "crawler", purpose: "ai", identity: "not-spoofed" },
  "ai-referral": { referral: "ai" },
  spoofed: { identity: "spoofed" },
};

function valueOf(summary: Summary, key: string): number {
  switch (key) {
    case "likely-human": return summary.kinds["likely-human"] ?? 0;
    case "ai-crawler": return summary.aiCrawlers;
    case "other-bot": return summary.otherBots;
    case "spoofed": return summary.identities["spoofed"] ?? 0;
    default: return summary.referrals["ai"] ?? 0;
  }
}

function detailOf(summary: Summary, key: string): string {
  switch (key) {
    case "likely-human": return `${share(summary.kinds["likely-human"] ?? 0, summary.hits)} of all hits`;
    case "ai-crawler": return `${count(summary.aiCrawlersVerified)} verified`;
    case "other-bot": return `${share(summary.otherBots, summary.hits)} of all hits`;
    case "spoofed": return "crawlers in name only";
    default: return "visits that AI answers sent";
  }
}
