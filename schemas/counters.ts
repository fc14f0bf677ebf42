import { normalizeLabel } from './catalog-rules.ts';
import type { Outcome } from './event.ts';

/**
 * Names of what is counted: an entity (`page#/ada`), and its counters, all numbers:
 *
 *   views, clicks, customs        counted events by type
 *   x.<outcome>                   events not counted, by outcome (and failed ones)
 *   c.US d.mobile …               counted clicks by value of each dimension that has a counter
 *   vc.US vd.mobile …             counted views likewise
 *   m.05 vm.05                    clicks and views of minute 05, pages only
 *   k00 … kff                     clicks by cell of their link, pages only (`core/aggregate/link-cells.ts`)
 *   g.sale … g.EUR …              counted conversions by kind, and sales less refunds in the smallest units of a currency, pages only
 *   l.<id> first last             of settled dates of a campaign only: clicks by link, its first and last click in seconds
 *   erased                        events that erasures took out, final counters of the stack only
 */
export const entityKeys = {
  page: (path: string) => `page#${path}`,
  link: (id: string) => `link#${id}`,
  /** A campaign label on the links of one page: others may use the label on theirs. Only settled dates. */
  campaign: (path: string, label: string) => `campaign#${path}#${normalizeLabel(label)}`,
  /** Every event of the stack, by UTC hour: `lost` is computed from it. */
  stack: 'stack#',
} as const;

/** Returns whether an entity is a campaign of a page: of any page by default. */
export function isCampaign(entity: string, path?: string): boolean {
  return entity.startsWith(path === undefined ? 'campaign#' : entityKeys.campaign(path, ''));
}

/** A local hour of an entity; the stack's hours are UTC. */
export interface EntityHour {
  entity: string;
  /** `2026-11-22T07+01:00` */
  hour: string;
}

/** Returns one text for an entity's hour, to key a Map. */
export function entityHourKey({ entity, hour }: EntityHour): string {
  return `${entity}\n${hour}`;
}

export function outcomeAttribute(outcome: Exclude<Outcome, 'counted'>): string {
  return `x.${outcome}`;
}

/** @param of a kind (`sale`), whose conversions are counted, or a currency (`EUR`), whose smallest units are added up */
export function conversionAttribute(of: string): string {
  return `g.${of}`;
}

export const erasedAttribute = 'erased';

/** Of the events of a settled date, those that an import has brought. They are in the other counters, too. */
export const importedAttribute = 'imported';

/** Entries of one top list. */
export const topListLength = 25;

/** Links of a campaign's date by which its clicks are broken down: those with the most. */
export const mostCampaignLinks = 2_000;

/** Counters that only a settled date has: they count visitors, not events. */
export const dayVisitorAttributes = ['visitors', 'sessions', 'bounces', 'milliseconds'] as const;

/** Totals of one settled date. */
export interface MonthDay {
  views: number;
  clicks: number;
  visitors: number;
  sessions: number;
}

/** Allowed values of the setting `freshnessSeconds`, and its default. */
export const freshness = { least: 5, most: 60, usual: 20 } as const;

/** Seconds for which the event sources collect messages of a queue before they invoke enrich, and rollup. */
export interface BatchWindows {
  clicks: number;
  files: number;
}

/**
 * Divides the freshness into the two windows that a click waits in. Three quarters are for clicks, because every raw file
 * costs more than a file that joins a group; a quarter merges the files of a busy stack.
 */
export function batchWindows(freshnessSeconds: number): BatchWindows {
  const files = Math.floor(freshnessSeconds / 4);
  return { clicks: freshnessSeconds - files, files };
}
