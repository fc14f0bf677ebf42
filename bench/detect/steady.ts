import { walkDays } from '../../core/detect/backtest.ts';
import { dateOfDay } from '../../core/detect/daily-series.ts';
import type { DetectionSetting } from '../../core/detect/sensitivity.ts';
import { rounded } from './series.ts';
import { createRandom } from './series-generator.ts';
import { type Change, changeViews, placeChanges, steadyDays, steadyPage, steadySpreads } from './steady-page.ts';

/** Each seed is one page of 10,000 to 20,000 views a day for each spread. */
export const steadySeeds = {
  usual: Array.from({ length: 20 }, (_, index) => 1 + index),
  /** No parameter was chosen by these. */
  heldOut: Array.from({ length: 20 }, (_, index) => 3001 + index),
};

/** One line per spread, then all pages. */
export function measureSteady(seeds: readonly number[], setting: DetectionSetting): unknown[] {
  const pages = steadySpreads.flatMap((spread) => seeds.map((seed) => measurePage(seed, spread, setting)));
  const groups = [...steadySpreads.map((spread) => pages.filter((page) => page.spread === spread)), pages];
  return groups.map((group, index) => ({
    spread: steadySpreads[index] ?? 'all',
    pages: group.length,
    ...summary(group),
  }));
}

interface Found {
  found: boolean;
  /** Size of the change in spreads of the page. */
  size: number;
}

interface PageResult {
  spread: number;
  changes: Found[];
  /** Incidents of the page without a change. */
  calm: number;
  /** Incidents of the changed page outside its changes. */
  outside: number;
}

function measurePage(seed: number, spread: number, setting: DetectionSetting): PageResult {
  const random = createRandom(seed * 1000 + Math.round(spread * 100));
  const { views } = steadyPage(random, 10_000 + 10_000 * random(), spread);
  const changes = placeChanges(random);
  const alerts = alertsOf(changeViews(views, changes), setting);
  return {
    spread,
    changes: changes.flatMap((change) => resultOf(change, spread, alerts)),
    calm: incidents(alertsOf(views, setting)),
    outside: incidents(new Map([...alerts].filter(([day]) => !changes.some((change) => isDuring(day, change))))),
  };
}

/** Direction by day since the start. */
type Alerts = ReadonlyMap<number, 'drop' | 'surge'>;

function alertsOf(views: readonly number[], setting: DetectionSetting): Alerts {
  const counts = Array.from({ length: steadyDays }, (_, day) => ({
    date: dateOfDay(day),
    views: views.slice(24 * day, 24 * day + 24).reduce((sum, value) => sum + value, 0),
  }));
  return new Map(
    walkDays(counts, setting).flatMap(({ evaluation }, day): [number, 'drop' | 'surge'][] =>
      evaluation.kind === 'alert' ? [[day, evaluation.direction === 'surge' ? 'surge' : 'drop']] : [],
    ),
  );
}

/** Found on the first complete day or on the one before; nothing for a change without a complete day. */
function resultOf({ start, hours, factor }: Change, spread: number, alerts: Alerts): Found[] {
  const complete = Math.ceil(start / 24);
  if (24 * (complete + 1) > start + hours) return [];
  const direction = factor < 1 ? 'drop' : 'surge';
  const found = [complete - 1, complete].some((day) => alerts.get(day) === direction);
  return [{ found, size: Math.abs(Math.log(factor)) / spread }];
}

function isDuring(day: number, { start, hours }: Change): boolean {
  return 24 * (day + 1) > start && 24 * day < start + hours;
}

/** Alerts up to a week apart are one incident, as everywhere. */
const gap = 7;

function incidents(alerts: Alerts): number {
  const days = [...alerts.keys()];
  return days.filter((day, index) => index === 0 || day - (days[index - 1] ?? 0) > gap).length;
}

/** Days of a page that cannot be evaluated. */
const firstDays = 14;

function summary(pages: readonly PageResult[]) {
  const years = (pages.length * (steadyDays - firstDays)) / 365;
  const changes = pages.flatMap((page) => page.changes);
  return {
    changes: changes.length,
    found: shareFound(changes),
    fiveSpreads: changes.filter(isLarge).length,
    foundFiveSpreads: shareFound(changes.filter(isLarge)),
    falseIncidents: rounded(pages.reduce((sum, { calm }) => sum + calm, 0) / years),
    outside: rounded(pages.reduce((sum, { outside }) => sum + outside, 0) / years),
  };
}

function isLarge({ size }: Found): boolean {
  return size >= 5;
}

function shareFound(changes: readonly Found[]): number {
  return rounded(changes.filter(({ found }) => found).length / changes.length, 3);
}
