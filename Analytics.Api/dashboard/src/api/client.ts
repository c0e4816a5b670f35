import { base } from "../view";
import type { components } from "./schema";

type Schemas = components["schemas"];
export type Summary = Schemas["Summary"];
export type Series = Schemas["Series"];
export type Site = Schemas["SiteRow"];
export type CrawlerRow = Schemas["CrawlerRow"];
export type PageRow = Schemas["PageRow"];
export type HitRow = Schemas["HitRow"];
export type Session = Schemas["SessionRow"];
export type SiteList = Schemas["SiteList"];
export type HitPage = Schemas["PageOfHitRow"];
export type PolicyList = Schemas["PolicyList"];
export type PolicyRow = Schemas["PolicyRow"];
export type RuleList = Schemas["RuleList"];
export type RuleRow = Schemas["RuleRow"];
export type ReferralList = Schemas["ReferralList"];
export type ReferralRow = Schemas["ReferralRow"];
export type RobotsVersionList = Schemas["RobotsVersionList"];
export type RobotsVersion = Schemas["RobotsVersionRow"];
export type Scan = Schemas["ScanItem"];
export type Trigger = Schemas["Trigger"];
export type TargetItem = Schemas["Target"];
export type TargetResult = Schemas["TargetResult"];
export type TargetOutlook = Schemas["TargetOutlookRow"];
export type ScanExplanation = Schemas["ScanExplanation"];
export type ScanOverview = Schemas["ScanOverview"];
export type Scheduling = Schemas["SchedulingRow"];
export type ResultRow = Schemas["ResultRow"];
export type BrandRow = Schemas["BrandRow"];
export type BrandReport = Schemas["BrandReport"];
export type SuggestionRow = Schemas["SuggestionRow"];
export type SuggestionRows = Schemas["SuggestionRows"];
export type Anomaly = Schemas["Anomaly"];
export type Uncrawled = Schemas["UncrawledList"];
export type UncrawledPage = Schemas["UncrawledPage"];
export type SitemapFetched = Schemas["SitemapFetchRow"];
export type ContentChange = Schemas["ContentChange"];
export type ShareRow = Schemas["ShareRow"];
export type CreatedShare = Schemas["CreatedShareLink"];
export type CrawlerDetail = Schemas["CrawlerDetail"];
export type CrawlerPathRow = Schemas["CrawlerPathRow"];
export type SpoofedSource = Schemas["SpoofedSource"];
export type RobotsCompliance = Schemas["RobotsCompliance"];
export type ComplianceRow = Schemas["ComplianceRow"];
export type AlertRow = Schemas["AlertRow"];
export type DeliveryView = Schemas["DeliveryView"];
export type WebhookRow = Schemas["WebhookRow"];
export type InboundRow = Schemas["InboundRow"];
export type WebhookSent = Schemas["WebhookSent"];
export type KeyRow = Schemas["KeyRow"];
export type CreatedKey = Schemas["CreatedKey"];
export type MemberRow = Schemas["MemberRow"];
export type Organisation = Schemas["OrganisationRow"];
export type AuditRow = Schemas["AuditRow"];
export type ChangeRow = Schemas["ChangeRow"];
export type DefinitionRow = Schemas["DefinitionRow"];

/** A refusal by the API: what happened and what to do. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly next: string,
  ) {
    super(message);
  }
}

/** URL of a report of a site. */
export function reportUrl(site: string, report: string, query: Record<string, string>): string {
  return `/v1/sites/${encodeURIComponent(site)}/${report}?${new URLSearchParams(query)}`;
}

// Who reloads the page wants to see what is true now, and none of the answers that the API keeps for some seconds.
const wasReloaded = (performance.getEntriesByType("navigation")[0] as PerformanceNavigationTiming | undefined)?.type === "reload";
const isReloading = () => wasReloaded && performance.now() < 5_000;

/** Gets JSON with the session's cookie; throws a Refusal. */
export async function get<T>(url: string, signal?: AbortSignal): Promise<T> {
  return (await send(url, { signal: signal ?? null, cache: isReloading() ? "no-cache" : "default" })).json() as Promise<T>;
}

/** As `get`, and none of those kept answers: for what goes on with a live stream, without a gap between the two. */
export async function getFresh<T>(url: string, signal: AbortSignal): Promise<T> {
  return (await send(url, { signal, cache: "no-cache" })).json() as Promise<T>;
}

/** Signs in; the key leaves this page in the body of one request and is kept nowhere. */
export async function signIn(key: string): Promise<void> {
  await send("/session", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ key }) });
}

export async function signOut(): Promise<void> {
  await send("/session", { method: "DELETE" });
}

/** Changes something with the session's cookie; the header says that this page asks, which no page of another origin can. */
export async function change<T = void>(method: string, url: string, body?: unknown): Promise<T> {
  const headers = { "X-Weir-Dashboard": "1", ...(body !== undefined && { "Content-Type": "application/json" }) };
  const response = await send(url, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

async function send(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(base + url, { credentials: "same-origin", ...init });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new Refusal(0, "Weir does not answer.", "Check that it runs, then try again.");
  }
  if (response.ok) return response;
  if (response.status === 401) dispatchEvent(new Event("weir-signed-out"));
  const problem = (await response.json().catch(() => ({}))) as { detail?: string; title?: string; next?: string; errors?: Record<string, string[]> };
  const fields = Object.values(problem.errors ?? {}).flat().join(" ");
  throw new Refusal(response.status, fields || (problem.detail ?? problem.title ?? `The API answered ${response.status}.`), problem.next ?? "Try again.");
}
