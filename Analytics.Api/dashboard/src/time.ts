/** The browser's time zone. */
export const browserZone = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";

let zone = browserZone;
let formats = new Map<string, Intl.DateTimeFormat>();

/** Every time on the page is shown in one zone; whoever draws the page sets it first. */
export function setZone(name: string): void {
  const next = name || browserZone;
  if (next !== zone) formats = new Map();
  zone = next;
}

/** The zone in which times are shown. */
export const currentZone = () => zone;

const forms = {
  dayTime: { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" },
  dayYear: { day: "numeric", month: "short", year: "numeric" },
  day: { day: "numeric", month: "short" },
  month: { month: "short", year: "numeric" },
  monthName: { month: "long", year: "numeric" },
  clock: { hour: "2-digit", minute: "2-digit" },
  clockSeconds: { hour: "2-digit", minute: "2-digit", second: "2-digit" },
} as const satisfies Record<string, Intl.DateTimeFormatOptions>;

/** A time in one of the page's forms. */
export function timeText(form: keyof typeof forms, time: Date): string {
  let format = formats.get(form);
  if (!format) formats.set(form, (format = new Intl.DateTimeFormat("en-GB", { ...forms[form], timeZone: zone })));
  return format.format(time);
}

/** The day that a moment has in the zone, as 2026-01-31. */
export function dayOf(time: number): string {
  let format = formats.get("iso");
  // Swedish writes dates as ISO 8601 does.
  if (!format) formats.set("iso", (format = new Intl.DateTimeFormat("sv-SE", { year: "numeric", month: "2-digit", day: "2-digit", timeZone: zone })));
  return format.format(time);
}

/** When a day begins in the zone, some days on. */
export function midnightOf(day: string, daysOn = 0): number {
  const wall = Date.parse(`${day}T00:00:00Z`) + daysOn * 86_400_000;
  // The offset may change between the guess and the answer (summer time): once more with the better guess.
  return wall - offsetAt(wall - offsetAt(wall));
}

function offsetAt(time: number): number {
  const text = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "medium", timeZone: zone }).format(time);
  return Date.parse(`${text.replace(" ", "T")}Z`) - Math.floor(time / 1000) * 1000;
}
