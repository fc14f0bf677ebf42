import { type AlertState, nextAlertState, unwatched } from '../../core/detect/alert-state.ts';
import { type EvaluatedDay, walkDays } from '../../core/detect/backtest.ts';
import { classicDays, classicTraffic } from '../../core/detect/classic-rules.ts';
import { dateOfDay, dayNumber } from '../../core/detect/daily-series.ts';
import { mean, median } from '../../core/statistics/robust.ts';
import type { DetectionSetting } from '../../core/detect/sensitivity.ts';
import { rounded, type Series } from './series.ts';
import { createRandom, type Random } from './series-generator.ts';

/** Fixed: what is injected where depends on the file's place in the list and on nothing else. */
export const seedSets = {
  usual: [1, 2, 3, 4, 5],
  /** No threshold was chosen by these. */
  heldOut: Array.from({ length: 20 }, (_, index) => 2001 + index),
};

interface Day {
  day: number;
  views: number;
}

type Direction = 'drop' | 'surge';
/** Direction by day, in the order of days. */
type Alerts = ReadonlyMap<number, Direction>;
interface Walk {
  days: readonly Day[];
  evaluated: readonly EvaluatedDay[];
}
type Detector = (walk: Walk) => Alerts;

/** Every day with an alert. */
const ours: Detector = ({ evaluated }) => new Map(evaluated.flatMap(alertOf));

/** Only the days whose alert is mailed. */
const mailed: Detector = ({ evaluated }) => {
  let state: AlertState = unwatched;
  return new Map(
    evaluated.flatMap((day) => {
      const transition = nextAlertState(state, day.date, day.evaluation);
      state = transition.state;
      return transition.mail === 'alert' ? alertOf(day) : [];
    }),
  );
};

const classic: Detector = ({ days }) =>
  new Map(
    days.flatMap(({ day, views }, index): [number, Direction][] => {
      const previous = days.slice(Math.max(0, index - classicDays), index).map((each) => each.views);
      const direction = classicTraffic(previous, views);
      return direction === null ? [] : [[day, direction]];
    }),
  );

const detectors = { ours, mailed, classic };

type Name = keyof typeof detectors;

/** One line per series, then the mean over the series. */
export function compareInjected(
  series: readonly Series[],
  seeds: readonly number[],
  setting: DetectionSetting,
): unknown[] {
  const results = series.map((each, place) => compareSeries(each, place, seeds, setting));
  function overall(pick: Name) {
    return printable(ratesFrom((name) => mean(results.map((result) => result[pick][name]))));
  }
  return [
    ...results.map((result) => ({
      ...result,
      ours: printable(result.ours),
      mailed: printable(result.mailed),
      classic: printable(result.classic),
    })),
    { file: 'mean', ours: overall('ours'), mailed: overall('mailed'), classic: overall('classic') },
  ];
}

const gapNames = ['incidents', 'weekApart', 'bridged', 'runs'] as const;

const rateNames = ['found', 'foundInDirection', ...gapNames, 'alertDays'] as const;

/** Shares of what was injected, and counts per year of the series. */
type Rates = Record<(typeof rateNames)[number], number>;

function compareSeries(series: Series, place: number, seeds: readonly number[], setting: DetectionSetting) {
  const days = measured(series);
  const trials = seeds.map((seed) => {
    const places = placesIn(createRandom(seed * 1000 + place), days.length);
    const changed = inject(days, places);
    const counts = changed.map(({ day, views }) => ({ date: dateOfDay(day), views }));
    return { places, walk: { days: changed, evaluated: walkDays(counts, setting) } };
  });
  function rates(name: Name): Rates {
    return ratesOf(trials.map(({ places, walk }) => scoreOf(detectors[name](walk), days, places)));
  }
  return {
    file: series.file,
    injected: trials.flatMap(({ places }) => places).length,
    ours: rates('ours'),
    mailed: rates('mailed'),
    classic: rates('classic'),
  };
}

function measured({ rows }: Series): Day[] {
  return rows
    .map(({ at, views }) => ({ day: dayNumber(at.slice(0, 10)), views }))
    .filter(({ day, views }) => !Number.isNaN(day) && !Number.isNaN(views));
}

/** No injection in the first eight weeks, nor within three weeks of another. */
const firstDay = 56;

const distance = 21;

interface Injection {
  index: number;
  kind: 'drop' | 'spike';
}

/** About one place in six weeks, in turn a drop and a spike. */
function placesIn(random: Random, length: number): Injection[] {
  const places: Injection[] = [];
  let index = firstDay + Math.floor(random() * distance);
  while (index + 2 < length) {
    places.push({ index, kind: random() < 0.5 ? 'drop' : 'spike' });
    index += distance + Math.floor(random() * 2 * distance);
  }
  return places;
}

function inject(days: readonly Day[], places: readonly Injection[]): Day[] {
  const factors = new Map<number, number>();
  for (const { index, kind } of places) {
    factors.set(index, kind === 'drop' ? 0.4 : 2.5);
    if (kind === 'drop') factors.set(index + 1, 0.4);
  }
  return days.map(({ day, views }, index) => ({ day, views: Math.round(views * (factors.get(index) ?? 1)) }));
}

/** How far apart two alerts may lie, in days, and still be one incident. */
const gaps = { incidents: 14, weekApart: 7, bridged: 2, runs: 1 } as const;

type Counts = Record<keyof typeof gaps, number>;

interface Score extends Counts {
  injected: number;
  found: number;
  /** Found, and as what it is. */
  foundInDirection: number;
  /** Days with an alert outside the injections. */
  alertDays: number;
  years: number;
}

function ratesOf(scores: readonly Score[]): Rates {
  function sum(key: keyof Score): number {
    return scores.reduce((total, score) => total + score[key], 0);
  }
  return ratesFrom((name) => sum(name) / sum(name === 'found' || name === 'foundInDirection' ? 'injected' : 'years'));
}

function ratesFrom(rate: (name: (typeof rateNames)[number]) => number): Rates {
  return {
    found: rate('found'),
    foundInDirection: rate('foundInDirection'),
    incidents: rate('incidents'),
    weekApart: rate('weekApart'),
    bridged: rate('bridged'),
    runs: rate('runs'),
    alertDays: rate('alertDays'),
  };
}

/** Alerts further apart than `gap` days are two incidents. */
function incidents(alerts: readonly number[], gap: number): number {
  return alerts.filter((day, index) => index === 0 || day - (alerts[index - 1] ?? 0) > gap).length;
}

const smallestPage = 300;

/** Alerts from the injection to a week after it belong to it. */
const aftermath = 7;

function scoreOf(alerts: Alerts, days: readonly Day[], places: readonly Injection[]): Score {
  function dayAt(index: number): number {
    return days[index]?.day ?? Number.NaN;
  }
  const large = places
    .filter(({ index }) => usualViews(days, index) >= smallestPage)
    .map(({ index, kind }) => ({ wanted: kind === 'drop' ? 'drop' : 'surge', said: alerts.get(dayAt(index)) }));
  const outside = [...alerts.keys()].filter(
    (day) => !places.some(({ index }) => day >= dayAt(index) && day <= dayAt(index) + aftermath),
  );
  return {
    injected: large.length,
    found: large.filter(({ said }) => said !== undefined).length,
    foundInDirection: large.filter(({ wanted, said }) => said === wanted).length,
    incidents: incidents(outside, gaps.incidents),
    weekApart: incidents(outside, gaps.weekApart),
    bridged: incidents(outside, gaps.bridged),
    runs: incidents(outside, gaps.runs),
    alertDays: outside.length,
    years: days.length / 365,
  };
}

function usualViews(days: readonly Day[], index: number): number {
  return median(days.slice(Math.max(0, index - 28), index).map(({ views }) => views));
}

function printable(rates: Rates) {
  return ratesFrom((name) => rounded(rates[name], name.startsWith('found') ? 3 : 2));
}

function alertOf({ date, evaluation }: EvaluatedDay): [number, Direction][] {
  return evaluation.kind === 'alert' ? [[dayNumber(date), evaluation.direction === 'surge' ? 'surge' : 'drop']] : [];
}
