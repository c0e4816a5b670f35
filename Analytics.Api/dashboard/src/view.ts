/** What is looked at; it lives in the URL, so that a view can be kept, sent and gone back to. */
export interface View {
  site: string | null;
  /** Null until somebody chooses: then the site's own hits decide. */
  range: RangeName | null;
  verdict: Verdict;
}

/** What hits are counted by: what is known of them now, or the verdict that they were given. */
export type Verdict = "reclassified" | "original";

export const ranges = [
  { name: "24h", label: "24 hours", short: "24 h", hours: 24, interval: "hour" },
  { name: "7d", label: "7 days", short: "7 d", hours: 168, interval: "hour" },
  { name: "30d", label: "30 days", short: "30 d", hours: 720, interval: "day" },
  { name: "90d", label: "90 days", short: "90 d", hours: 2160, interval: "day" },
  { name: "all", label: "all time", short: "All", hours: 0, interval: "day" },
] as const;

export type RangeName = (typeof ranges)[number]["name"];

/** A view's span of time as the API takes it. */
export interface Span {
  from: string;
  to: string;
  interval: string;
  previous: { from: string; to: string } | null;
}

export function readView(): View {
  const query = new URLSearchParams(location.search);
  const range = query.get("range");
  return {
    site: query.get("site"),
    range: ranges.find((r) => r.name === range)?.name ?? null,
    verdict: query.get("verdict") === "original" ? "original" : "reclassified",
  };
}

export function writeView(view: View, replace: boolean): void {
  const query = new URLSearchParams();
  if (view.site) query.set("site", view.site);
  if (view.range) query.set("range", view.range);
  if (view.verdict === "original") query.set("verdict", view.verdict);
  const url = `${location.pathname}?${query}`;
  if (replace) history.replaceState(null, "", url);
  else history.pushState(null, "", url);
}

const hour = 3_600_000;

/** The hits that a site has, as the API's list of sites says it. */
export interface Extent {
  firstHit?: string | null;
  lastHit?: string | null;
}

/** Whether a site's newest hit is older than a day: an imported log, or a site that went quiet. */
export const isOld = (site: Extent, now: number) => !!site.lastHit && Date.parse(site.lastHit) < now - 24 * hour;

/** The shortest range in which a site has hits: whoever imported last month's log wants to see last month. */
export function rangeOf(site: Extent, now: number): RangeName {
  const age = site.lastHit ? now - Date.parse(site.lastHit) : 0;
  return ranges.find((r) => r.hours * hour > age)?.name ?? "all";
}

/** The span that ends now. "All" goes from the site's first hit to now, or to the hour of its last when that is old. */
export function spanOf(range: RangeName, now: number, site: Extent): Span {
  const chosen = ranges.find((r) => r.name === range)!;
  const first = site.firstHit ? Date.parse(site.firstHit) : now - 24 * hour;
  const to = chosen.hours === 0 && isOld(site, now) ? Math.ceil((Date.parse(site.lastHit!) + 1) / hour) * hour : now;
  const from = chosen.hours > 0 ? now - chosen.hours * hour : Math.min(first, to - hour);
  const length = to - from;
  const interval = chosen.hours > 0 ? chosen.interval : length > 1500 * 24 * hour ? "week" : length > 72 * hour ? "day" : "hour";
  const iso = (time: number) => new Date(time).toISOString();
  return {
    from: iso(from),
    to: iso(to),
    interval,
    previous: chosen.hours > 0 ? { from: iso(from - length), to: iso(from) } : null,
  };
}

/** The browser's time zone. */
export const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

/** Takes a key out of the address bar, where `weir up` puts it for the first visit. */
export function takeKeyFromFragment(): string | null {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key !== null) history.replaceState(null, "", location.pathname + location.search);
  return key;
}
