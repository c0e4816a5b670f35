import { timeText } from "./time";

const whole = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

export const count = (n: number) => whole.format(n);

export const shortCount = (n: number) => (Math.abs(n) < 10_000 ? whole.format(n) : compact.format(n));

/** A part of a whole; small ones keep a digit, so that some is not shown as none. */
export function share(part: number, all: number): string {
  if (all === 0) return "0 %";
  const percent = (part / all) * 100;
  return `${percent > 0 && percent < 0.1 ? "< 0.1" : percent < 10 ? Math.round(percent * 10) / 10 : Math.round(percent)} %`;
}

const isToday = (time: Date) => timeText("dayYear", time) === timeText("dayYear", new Date());

/** A hit's moment: today by the clock, else with its date before it. */
export function momentSeconds(iso: string): string {
  const time = new Date(iso);
  const clockTime = timeText("clockSeconds", time);
  return isToday(time) ? clockTime : `${timeText("dayYear", time)} ${clockTime}`;
}

/** A stored purpose in words: "ai-training" is "AI training". */
export const purposeName = (purpose: string) => purpose.replace(/^ai-/, "AI ").replace(/^seo$/, "SEO").replaceAll("-", " ");

/** A moment, as short as it can be and still be clear: today by the clock, else by date. */
export function moment(iso: string): string {
  const time = new Date(iso);
  if (isToday(time)) return timeText("clock", time);
  return time.getFullYear() === new Date().getFullYear() ? timeText("dayTime", time) : timeText("dayYear", time);
}

/** A length of time in its largest fitting unit. */
export function lengthOf(seconds: number): string {
  const [size, unit] = seconds >= 172_800 ? [86_400, "d"] : seconds >= 7_200 ? [3_600, "h"] : seconds >= 120 ? [60, "min"] : [1, "s"];
  const value = seconds / (size as number);
  return `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} ${unit}`;
}

/** Start of a bucket, for axes and tables. */
export const bucketName = (iso: string, interval: string) =>
  timeText(interval === "hour" || interval === "minute" ? "dayTime" : "dayYear", new Date(iso));

/** Change to the period before, in words that a screen reader can say and a glance can read. */
export function change(now: number, before: number): { text: string; spoken: string } {
  if (before === 0) return now === 0 ? { text: "no change", spoken: "as in the period before" } : { text: "new", spoken: "none in the period before" };
  const percent = ((now - before) / before) * 100;
  const rounded = Math.abs(percent) >= 10 ? Math.round(percent) : Math.round(percent * 10) / 10;
  if (rounded === 0) return { text: "no change", spoken: "as in the period before" };
  const size = Math.abs(rounded) > 999 ? `${compact.format(Math.abs(rounded) / 100 + (rounded > 0 ? 1 : 0))}×` : `${Math.abs(rounded)} %`;
  return rounded > 0
    ? { text: `↑ ${size}`, spoken: `up ${size} on the period before` }
    : { text: `↓ ${size}`, spoken: `down ${size} on the period before` };
}
