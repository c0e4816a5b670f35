import type { Summary } from "../api/client";
import { audience } from "../audience";
import { change, count, shortCount } from "../format";

interface Props {
  summary: Summary | null;
  before: Summary | null;
  hasBefore: boolean;
}

export function Figures({ summary, before, hasBefore }: Props) {
  return (
    <dl class="figures">
      {audience.map((line) => {
        const now = summary && valueOf(summary, line.key);
        const delta = now !== null && before ? change(now, valueOf(before, line.key)) : null;
        return (
          <div key={line.key} data-figure={line.key}>
            <dt><i class={`mark ${line.token}`} aria-hidden="true" />{line.name}</dt>
            <dd>
              <span class="value" data-value={now ?? ""} title={now === null ? undefined : count(now)}>{now === null ? "–" : shortCount(now)}</span>
              {hasBefore && <span class="delta">{delta ? <><span aria-hidden="true">{delta.text}</span><span class="hidden">{delta.spoken}</span></> : "\u00a0"}</span>}
              <span class="more">{summary ? detailOf(summary, line.key) : "\u00a0"}</span>
            </dd>
          </div>
        );
      })}
    </dl>
  );
}

function valueOf(summary: Summary, key: string): number {
  switch (key) {
    case "likely-human": return summary.kinds["likely-human"] ?? 0;
    case "ai-crawler": return summary.aiCrawlers;
    case "other-bot": return summary.otherBots;
    default: return summary.referrals["ai"] ?? 0;
  }
}

function detailOf(summary: Summary, key: string): string {
  switch (key) {
    case "likely-human": return `${share(summary.kinds["likely-human"] ?? 0, summary.hits)} of all hits`;
    case "ai-crawler": return `${count(summary.aiCrawlersVerified)} verified`;
    case "other-bot": return `${count(summary.identities["spoofed"] ?? 0)} spoofed`;
    default: return "visits that AI answers sent";
  }
}

const share = (part: number, whole: number) => (whole === 0 ? "0 %" : `${Math.round((part / whole) * 100)} %`);
