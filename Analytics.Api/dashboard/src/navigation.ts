import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Site } from "./api/client";
import { hrefOf, readView, type Filters, type RangeName, type View } from "./view";

/** What every view is given. */
export interface Place {
  view: View;
  site: Site;
  /** The chosen range, or the one that suits the site. */
  range: RangeName;
  /** Asks for the list of sites again. */
  sitesChanged: () => void;
}

export const PlaceContext = createContext<Place | null>(null);

/** Where the page is; for whatever stands inside a view. */
export const usePlace = () => useContext(PlaceContext)!;

/** Goes to a view; the browser's way back leads to where one was. */
export function go(href: string, replace = false): void {
  if (replace) history.replaceState(null, "", href);
  else history.pushState(null, "", href);
  dispatchEvent(new Event("weir-navigated"));
}

/** Address of another view of the same site, span and verdicts. */
export const hrefTo = (view: View, name: string, filters: Filters = {}) => hrefOf({ ...view, name, filters });

/** Changes filters of the view that is shown; an empty text takes one away. */
export const filter = (view: View, change: Filters) => go(hrefOf({ ...view, filters: { ...view.filters, ...change } }));

/** Takes clicks on links between views away from the browser, which would load the whole page again. */
export function followLinks(isView: (name: string) => boolean): () => void {
  const onClick = (event: MouseEvent) => {
    const link = (event.target as Element).closest?.("a[href]") as HTMLAnchorElement | null;
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.target || link.hasAttribute("download") || link.origin !== location.origin || link.getAttribute("href")!.startsWith("#")) return;
    if (!isView(readView(link).name)) return;
    event.preventDefault();
    go(link.pathname + link.search);
  };
  document.addEventListener("click", onClick);
  return () => document.removeEventListener("click", onClick);
}
