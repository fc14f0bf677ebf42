import { hourlySeries } from '../../core/detect/hourly-series.ts';
import { type DetectionSetting, sensitivities, type Sensitivity } from '../../core/detect/sensitivity.ts';
import { learnProfiles, walkSteadyHours } from '../../core/detect/steady-hours/walk.ts';
import { rounded } from './series.ts';
import { createRandom } from './series-generator.ts';
import { type Change, changeViews, placeChanges, steadyPage, steadySpreads } from './steady-page.ts';

/** One line per sensitivity and spread, then all pages. */
export function measureSteadyHours(seeds: readonly number[], threshold: number): unknown[] {
  const all = steadySpreads.flatMap((spread) => seeds.flatMap((seed) => measurePage(seed, spread, threshold)));
  return sensitivities.flatMap((sensitivity) =>
    summaries(all.filter((page) => page.sensitivity === sensitivity)).map((line) => ({ sensitivity, ...line })),
  );
}

function summaries(pages: readonly PageResult[]) {
  const groups = [...steadySpreads.map((spread) => pages.filter((page) => page.spread === spread)), pages];
  return groups.map((group, index) => ({
    spread: steadySpreads[index] ?? 'all',
    pages: group.length,
    ...summary(group),
  }));
}

interface Found {
  found: boolean;
  /** Size of the change in true spreads of its first three hours. */
  size: number;
}

interface PageResult {
  sensitivity: Sensitivity;
  spread: number;
  changes: Found[];
  /** Incidents of the page without a change. */
  calm: number;
  /** Incidents of the changed page outside its changes. */
  outside: number;
  /** Hours that were evaluated. */
  hours: number;
}

function measurePage(seed: number, spread: number, threshold: number): PageResult[] {
  const random = createRandom(seed * 1000 + Math.round(spread * 100));
  const { views, usual } = steadyPage(random, 10_000 + 10_000 * random(), spread);
  const changes = placeChanges(random);
  const [calm, changed] = [walked(views), walked(changeViews(views, changes))];
  return sensitivities.map((sensitivity) => {
    const setting = { sensitivity, threshold };
    const { alerts: falseAlerts, hours } = calm(setting);
    const { alerts } = changed(setting);
    return {
      sensitivity,
      spread,
      changes: changes.map((change) => ({ found: isFound(change, alerts), size: sizeOf(change, usual, spread) })),
      calm: incidents(falseAlerts),
      outside: incidents(new Map([...alerts].filter(([hour]) => !changes.some((change) => isDuring(hour, change))))),
      hours,
    };
  });
}

/** Direction by hour since the start. */
type Alerts = ReadonlyMap<number, 'drop' | 'surge'>;

function walked(views: readonly number[]): (setting: DetectionSetting) => { alerts: Alerts; hours: number } {
  const series = hourlySeries(
    views.map((value, index) => ({ hour: new Date(index * 3_600_000).toISOString().slice(0, 19), views: value })),
  );
  const profiles = learnProfiles(series);
  return (setting) => {
    const evaluations = walkSteadyHours(series, setting, profiles);
    const alerts = new Map(
      evaluations.flatMap((evaluation, hour): [number, 'drop' | 'surge'][] =>
        evaluation.kind === 'alert' ? [[hour, evaluation.direction === 'surge' ? 'surge' : 'drop']] : [],
      ),
    );
    return { alerts, hours: evaluations.filter(({ kind }) => kind !== 'skipped').length };
  };
}

/** Found in the right direction by the end of its fourth hour. */
function isFound({ start, factor }: Change, alerts: Alerts): boolean {
  const direction = factor < 1 ? 'drop' : 'surge';
  return [0, 1, 2, 3].some((hour) => alerts.get(start + hour) === direction);
}

/** In spreads of the sum of its first three hours: the day's, the hours' and counting noise. */
function sizeOf({ start, factor }: Change, usual: readonly number[], spread: number): number {
  const hours = usual.slice(start, start + 3);
  const sum = hours.reduce((total, value) => total + value, 0);
  const ofHours = hours.reduce((total, value) => total + (value / sum) ** 2, 0);
  return Math.abs(Math.log(factor)) / Math.sqrt(spread ** 2 * (1 + ofHours) + 1 / sum);
}

/** The last evaluation that contains a changed hour ends two hours after the change. */
function isDuring(hour: number, { start, hours }: Change): boolean {
  return hour >= start && hour < start + hours + 2;
}

/** Alerts up to a day apart are one incident. */
const gap = 24;

function incidents(alerts: Alerts): number {
  const hours = [...alerts.keys()];
  return hours.filter((hour, index) => index === 0 || hour - (hours[index - 1] ?? 0) > gap).length;
}

function summary(pages: readonly PageResult[]) {
  const years = pages.reduce((sum, { hours }) => sum + hours, 0) / (24 * 365);
  const changes = pages.flatMap((page) => page.changes);
  const large = changes.filter(({ size }) => size >= 5);
  return {
    changes: changes.length,
    found: shareFound(changes),
    fiveSpreads: large.length,
    foundFiveSpreads: shareFound(large),
    falseIncidents: rounded(pages.reduce((sum, { calm }) => sum + calm, 0) / years),
    outside: rounded(pages.reduce((sum, { outside }) => sum + outside, 0) / years),
  };
}

function shareFound(changes: readonly Found[]): number {
  return rounded(changes.filter(({ found }) => found).length / changes.length, 3);
}
