import { count, momentSeconds, moment, shortCount } from "../format";
import { hrefTo, usePlace } from "../navigation";
import type { Filters } from "../view";

/** A count: short, the exact one in its title, and a link to the hits that it counts where `to` says which they are. */
export function Count({ of: n, to, label }: { of: number; to?: Filters | null; label?: string }) {
  const { view } = usePlace();
  const exact = count(n);
  if (!to || n === 0) return <span title={exact}>{shortCount(n)}</span>;
  const words = `${exact} ${label ?? "hits"}`;
  return <a class="count" href={hrefTo(view, "hits", to)} title={words} aria-label={words}>{shortCount(n)}</a>;
}

/** A moment; the exact one in its title. */
export function When({ at, isExact }: { at: string | null | undefined; isExact?: boolean }) {
  return at ? <time dateTime={at} title={at}>{isExact ? momentSeconds(at) : moment(at)}</time> : <span class="quiet">never</span>;
}
