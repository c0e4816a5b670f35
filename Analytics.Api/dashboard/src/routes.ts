import type { ComponentType } from "preact";
import { base } from "./view";
import { Overview } from "./views/Overview";

/** One view: where it is, what it is called, which controls it has, and the code that is loaded when it is opened. */
export interface Route {
  name: string;
  label: string;
  /** What the figures can be cut by. */
  controls: readonly ("range" | "verdict")[];
  load: () => Promise<ComponentType>;
  /** Shows more than a share link does. */
  needsSignIn?: boolean;
  /** Reached from another view only. */
  isHidden?: boolean;
}

const judged = ["range", "verdict"] as const;

const all: readonly Route[] = [
  { name: "overview", label: "Overview", controls: judged, load: async () => Overview },
  { name: "crawlers", label: "Crawlers", controls: judged, load: async () => (await import("./views/Crawlers")).Crawlers },
  { name: "crawler", label: "Crawler", controls: judged, load: async () => (await import("./views/Crawler")).Crawler, isHidden: true },
  { name: "pages", label: "Pages", controls: judged, load: async () => (await import("./views/Pages")).Pages },
  { name: "referrals", label: "Referrals", controls: judged, load: async () => (await import("./views/Referrals")).Referrals },
  { name: "identity", label: "Identity", controls: judged, load: async () => (await import("./views/Identity")).IdentityView },
  { name: "robots", label: "Robots", controls: judged, load: async () => (await import("./views/Robots")).Robots },
  { name: "policy", label: "Policy", controls: ["range"], load: async () => (await import("./views/Policy")).Policy },
  { name: "hits", label: "Hits", controls: judged, load: async () => (await import("./views/Hits")).Hits },
  { name: "alerts", label: "Alerts", controls: [], load: async () => (await import("./views/Alerts")).Alerts, needsSignIn: true },
  { name: "live", label: "Live", controls: [], load: async () => (await import("./views/Live")).Live },
  { name: "scans", label: "Scans", controls: [], load: async () => (await import("./views/Scans")).Scans, needsSignIn: true },
  { name: "report", label: "Report", controls: [], load: async () => (await import("./views/MonthlyReport")).MonthlyReport },
  { name: "settings", label: "Settings", controls: [], load: async () => (await import("./views/Settings")).Settings, needsSignIn: true },
  { name: "start", label: "First steps", controls: [], load: async () => (await import("./views/Start")).Start, isHidden: true, needsSignIn: true },
];

/** The views there are; under a share link, those that it shows. */
export const routes = all.filter((r) => !base || !r.needsSignIn);

const loaded = new Map<string, ComponentType>([["overview", Overview]]);

/** A view's code when it is there. */
export const loadedView = (name: string) => loaded.get(name);

/** Loads a view's code once. */
export async function loadView(route: Route): Promise<void> {
  loaded.set(route.name, await route.load());
}
