/** The four lines of the overview: key of the API, words, and marks that differ without colour. */
export const audience = [
  { key: "likely-human", name: "Likely humans", token: "human", dash: [] },
  { key: "ai-crawler", name: "AI crawlers", token: "ai", dash: [] },
  { key: "other-bot", name: "Other bots", token: "bot", dash: [5, 4] },
  { key: "ai-referral", name: "AI referrals", token: "referral", dash: [1.5, 3.5] },
] as const;
