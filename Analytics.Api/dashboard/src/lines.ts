/** A line of a chart: key of the API, words, colour, and dashes, so that lines differ without colour too. */
export interface Line {
  key: string;
  name: string;
  token: string;
  dash: readonly number[];
}

/** The four lines of the overview. */
export const audience: readonly Line[] = [
  { key: "likely-human", name: "Likely humans", token: "human", dash: [] },
  { key: "ai-crawler", name: "AI crawlers", token: "ai", dash: [] },
  { key: "other-bot", name: "Other bots", token: "bot", dash: [5, 4] },
  { key: "ai-referral", name: "AI referrals", token: "referral", dash: [1.5, 3.5] },
];

export const identities: readonly Line[] = [
  { key: "verified", name: "Verified", token: "good", dash: [] },
  { key: "spoofed", name: "Spoofed", token: "bad", dash: [5, 4] },
  { key: "unverifiable", name: "Unverifiable", token: "unsure", dash: [1.5, 3.5] },
  { key: "pending", name: "Pending", token: "bot", dash: [8, 3, 2, 3] },
];

export const referrals: readonly Line[] = [
  { key: "ai", name: "AI answers", token: "referral", dash: [] },
  { key: "search", name: "Search", token: "human", dash: [5, 4] },
  { key: "social", name: "Social", token: "ai", dash: [1.5, 3.5] },
  { key: "other", name: "Other sites", token: "bot", dash: [8, 3, 2, 3] },
];

const tokens = ["human", "ai", "referral", "bot", "bad", "unsure"];
const dashes = [[], [5, 4]];

/** Lines whose keys come from the data: the largest of them. */
export const linesOf = (lines: readonly { key: string; name: string }[], most = 6): readonly Line[] =>
  lines.slice(0, most).map((line, i) => ({ ...line, token: tokens[i % tokens.length]!, dash: dashes[i % dashes.length]! }));
