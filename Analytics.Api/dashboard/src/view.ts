import { midnightOf } from "./time";

/** What is looked at; it lives in the URL, so that a view can be kept, sent, gone back to and loaded again. */
export interface View {
  name: string;
  site: string | null;
  /** Null until somebody chooses: then the site's own hits decide. */
  range: RangeName | null;
  /** First and last day of the range "dates", both inside, in the time zone. */
  days: Days | null;
  /** IANA time zone; empty for the browser's. */
  zone: string;
  verdict: Verdict;
  /** What this view alone has: filters of its list, the thing that it shows. */
  filters: Filters;
}

export interface Days {
  from: string;
  to: string;
}

export type Filters = Record<string, string>;

/** What hits are counted by: what is known of them now, or the verdict that they were given. */
export type Verdict = "reclassified" | "original";

export const ranges = [
  { name: "24h", label: "24 hours", short: "24 h", hours: 24, interval: "hour" },
  { name: "7d", label: "7 days", short: "7 d", hours: 168, interval: "hour" },
  { name: "30d", label: "30 days", short: "30 d", hours: 720, interval: "day" },
  { name: "90d", label: "90 days", short: "90 d", hours: 2160, interval: "day" },
  { name: "all", label: "all time", short: "All", hours: 0, interval: "day" },
  { name: "dates", label: "chosen dates", short: "Dates", hours: -1, interval: "day" },
] as const;

export type RangeName = (typeof ranges)[number]["name"];

/** A view's span of time as the API takes it. */
export interface Span {
  from: string;
  to: string;
  interval: string;
  previous: { from: string; to: string } | null;
  /** When it was fixed: reports are asked again when this moves on, though their address stays the same. */
  asOf: number;
}

/** What stands before every address of this page: nothing, or the share link that opened it. */
export const base = /^\/share\/[^/]+/.exec(location.pathname)?.[0] ?? "";

const common = ["site", "range", "from", "to", "tz", "verdict"];

/** Reads a view out of a URL; what is not understood is as if it were not there. */
export function readView(url: { pathname: string; search: string } = location): View {
  const query = new URLSearchParams(url.search);
  const range = query.get("range");
  const days = readDays(query.get("from"), query.get("to"));
  const named = ranges.find((r) => r.name === range)?.name ?? null;
  const zone = query.get("tz") ?? "";
  return {
    name: url.pathname.slice(base.length + 1) || "overview",
    site: query.get("site"),
    range: named === "dates" && !days ? null : named,
    days: named === "dates" ? days : null,
    zone: isZone(zone) ? zone : "",
    verdict: query.get("verdict") === "original" ? "original" : "reclassified",
    filters: Object.fromEntries([...query].filter(([name]) => !common.includes(name))),
  };
}

/** The address of a view. */
export function hrefOf(view: View): string {
  const query = new URLSearchParams();
  if (view.site) query.set("site", view.site);
  if (view.range) query.set("range", view.range);
  if (view.range === "dates" && view.days) {
    query.set("from", view.days.from);
    query.set("to", view.days.to);
  }
  if (view.zone) query.set("tz", view.zone);
  if (view.verdict === "original") query.set("verdict", view.verdict);
  for (const [name, value] of Object.entries(view.filters)) if (value) query.set(name, value);
  const text = query.toString();
  return `${base}/${view.name === "overview" ? "" : view.name}${text ? `?${text}` : ""}`;
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

/**
 * The span that ends with this hour, or that of the chosen days. "All" goes from the hour of the site's first hit to this one, or to that of its last when
 * that is old. Whole hours are what the store counts by, and people who look at the same share the API's answers.
 */
export function spanOf(range: RangeName, now: number, site: Extent, days: Days | null = null): Span {
  if (range === "dates" && days) return between(midnightOf(days.from), midnightOf(days.to, 1), true, now);
  const chosen = ranges.find((r) => r.name === range)!;
  const end = endOfHour(now);
  if (chosen.hours > 0) return { ...between(end - chosen.hours * hour, end, true, now), interval: chosen.interval };
  const first = site.firstHit ? endOfHour(Date.parse(site.firstHit)) - hour : end - 24 * hour;
  const to = isOld(site, now) ? endOfHour(Date.parse(site.lastHit!)) : end;
  return between(Math.min(first, to - hour), to, false, now);
}

const endOfHour = (time: number) => (Math.floor(time / hour) + 1) * hour;

function between(from: number, to: number, hasPrevious: boolean, asOf: number): Span {
  const length = to - from;
  const iso = (time: number) => new Date(time).toISOString();
  return {
    from: iso(from),
    to: iso(to),
    interval: length > 1500 * 24 * hour ? "week" : length > 73 * hour ? "day" : "hour",
    previous: hasPrevious ? { from: iso(from - length), to: iso(from) } : null,
    asOf,
  };
}

/** A range in words, to stand behind a number. */
export function wordsOf(view: View, range: RangeName): string {
  if (range === "all") return "in all time";
  if (range === "dates" && view.days) return view.days.from === view.days.to ? `on ${view.days.from}` : `from ${view.days.from} to ${view.days.to}`;
  return `in ${ranges.find((r) => r.name === range)!.label}`;
}

/** Takes a key out of the address bar, where `weir up` puts it for the first visit. */
export function takeKeyFromFragment(): string | null {
  if (base) return null;
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (key !== null) history.replaceState(null, "", location.pathname + location.search);
  return key;
}

function readDays(from: string | null, to: string | null): Days | null {
  const isDay = (text: string | null): text is string => /^\d{4}-\d{2}-\d{2}$/.test(text ?? "") && !Number.isNaN(Date.parse(text!));
  return isDay(from) && isDay(to) && from <= to && from >= "1970-01-02" && to < "2105-01-01" ? { from, to } : null;
}

function isZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return name !== "";
  } catch {
    return false;
  }
}
