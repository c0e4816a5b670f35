const whole = new Intl.NumberFormat("en");
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const dayTime = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const dayYear = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });

export const count = (n: number) => whole.format(n);

export const shortCount = (n: number) => (Math.abs(n) < 10_000 ? whole.format(n) : compact.format(n));

/** A hit's moment: today by the clock, else with its date before it. */
export function momentSeconds(iso: string): string {
  const time = new Date(iso);
  const clockTime = clockSeconds.format(time);
  return time.toDateString() === new Date().toDateString() ? clockTime : `${dayYear.format(time)} ${clockTime}`;
}

/** A stored purpose in words: "ai-training" is "AI training". */
export const purposeName = (purpose: string) => purpose.replace(/^ai-/, "AI ").replace(/^seo$/, "SEO").replaceAll("-", " ");

/** A moment, as short as it can be and still be clear: today by the clock, else by date. */
export function moment(iso: string): string {
  const time = new Date(iso);
  const now = new Date();
  if (time.toDateString() === now.toDateString()) return clock.format(time);
  return time.getFullYear() === now.getFullYear() ? dayTime.format(time) : dayYear.format(time);
}

/** Start of a bucket, for axes and tables. */
export const bucketName = (iso: string, interval: string) =>
  (interval === "hour" || interval === "minute" ? dayTime : dayYear).format(new Date(iso));

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
