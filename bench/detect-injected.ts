import { relapseDays } from '#core/detect/alert-state.ts';
import { walkDays } from '#core/detect/backtest.ts';
import { classicDays, classicTraffic } from '#core/detect/classic-rules.ts';
import { dateOfDay, dayNumber } from '#core/detect/daily-series.ts';
import { mean, median } from '#core/detect/robust.ts';
import { normalSetting } from '#core/detect/sensitivity.ts';
import { rounded, type SeriesFile } from './series.ts';
import { createRandom, type Random } from './series-generator.ts';

/** Fixed: what is injected where depends on the file's place in the list and on nothing else. */
const seeds = [1, 2, 3, 4, 5];
const smallestPage = 300;
/** No injection in the first eight weeks, nor within three weeks of another. */
const firstDay = 56;
const distance = 21;
/** Alerts from the injection to a week after it belong to it. */
const aftermath = 7;

interface Day {
  day: number;
  views: number;
}

interface Injection {
  index: number;
  kind: 'drop' | 'spike';
}

/** About one place in six weeks, in turn a drop and a spike. */
const placesIn = (random: Random, length: number): Injection[] => {
  const places: Injection[] = [];
  let index = firstDay + Math.floor(random() * distance);
  while (index + 2 < length) {
    places.push({ index, kind: random() < 0.5 ? 'drop' : 'spike' });
    index += distance + Math.floor(random() * 2 * distance);
  }
  return places;
};

const inject = (days: readonly Day[], places: readonly Injection[]): Day[] => {
  const factors = new Map<number, number>();
  for (const { index, kind } of places) {
    factors.set(index, kind === 'drop' ? 0.4 : 2.5);
    if (kind === 'drop') factors.set(index + 1, 0.4);
  }
  return days.map(({ day, views }, index) => ({ day, views: Math.round(views * (factors.get(index) ?? 1)) }));
};

type Detector = (days: readonly Day[]) => number[];

const ours: Detector = (days) =>
  walkDays(
    days.map(({ day, views }) => ({ date: dateOfDay(day), views })),
    normalSetting,
  )
    .filter(({ judgement }) => judgement.kind === 'alert')
    .map(({ date }) => dayNumber(date));

const classic: Detector = (days) =>
  days
    .filter(({ views }, index) => {
      const previous = days.slice(Math.max(0, index - classicDays), index).map((day) => day.views);
      return classicTraffic(previous, views) !== null;
    })
    .map(({ day }) => day);

/** Alerts further apart than `gap` days are two episodes. */
const episodes = (alerts: readonly number[], gap: number): number =>
  alerts.filter((day, index) => index === 0 || day - (alerts[index - 1] ?? 0) > gap).length;

interface Score {
  found: number;
  injected: number;
  /** Episodes outside the injections: alerts further apart than a story lasts, than a week, and every run of days. */
  episodes: number;
  weekly: number;
  runs: number;
  years: number;
}

const scoreOf = (
  detector: Detector,
  days: readonly Day[],
  changed: readonly Day[],
  places: readonly Injection[],
): Score => {
  const alerts = detector(changed);
  const large = places.filter(({ index }) => usualViews(days, index) >= smallestPage);
  const dayAt = (index: number): number => days[index]?.day ?? Number.NaN;
  const outside = alerts.filter(
    (day) => !places.some(({ index }) => day >= dayAt(index) && day <= dayAt(index) + aftermath),
  );
  return {
    found: large.filter(({ index }) => alerts.includes(dayAt(index))).length,
    injected: large.length,
    episodes: episodes(outside, relapseDays),
    weekly: episodes(outside, 7),
    runs: episodes(outside, 1),
    years: days.length / 365,
  };
};

const usualViews = (days: readonly Day[], index: number): number =>
  median(days.slice(Math.max(0, index - 28), index).map(({ views }) => views));

const measured = ({ rows }: SeriesFile): Day[] =>
  rows
    .map(({ at, views }) => ({ day: dayNumber(at.slice(0, 10)), views }))
    .filter(({ day, views }) => !Number.isNaN(day) && !Number.isNaN(views));

interface Rates {
  found: number;
  episodesPerYear: number;
  weekApartPerYear: number;
  runsPerYear: number;
}

const ratesOf = (scores: readonly Score[]): Rates => {
  const sum = (key: keyof Score): number => scores.reduce((total, score) => total + score[key], 0);
  return {
    found: sum('found') / sum('injected'),
    episodesPerYear: sum('episodes') / sum('years'),
    weekApartPerYear: sum('weekly') / sum('years'),
    runsPerYear: sum('runs') / sum('years'),
  };
};

const printable = ({ found, episodesPerYear, weekApartPerYear, runsPerYear }: Rates) => ({
  found: rounded(found, 3),
  episodesPerYear: rounded(episodesPerYear),
  weekApartPerYear: rounded(weekApartPerYear),
  runsPerYear: rounded(runsPerYear),
});

/** One line per series, then the mean over the series. */
export const compareInjected = (series: readonly SeriesFile[]): unknown[] => {
  const results = series.map((each, place) => {
    const days = measured(each);
    const trials = seeds.map((seed) => {
      const places = placesIn(createRandom(seed * 1000 + place), days.length);
      return { places, changed: inject(days, places) };
    });
    const rates = (detector: Detector): Rates =>
      ratesOf(trials.map(({ places, changed }) => scoreOf(detector, days, changed, places)));
    return {
      file: each.file,
      injected: trials.flatMap(({ places }) => places).length,
      ours: rates(ours),
      classic: rates(classic),
    };
  });
  const overall = (pick: 'ours' | 'classic') => {
    const over = (key: keyof Rates): number => mean(results.map((result) => result[pick][key]));
    return printable({
      found: over('found'),
      episodesPerYear: over('episodesPerYear'),
      weekApartPerYear: over('weekApartPerYear'),
      runsPerYear: over('runsPerYear'),
    });
  };
  return [
    ...results.map((result) => ({ ...result, ours: printable(result.ours), classic: printable(result.classic) })),
    { file: 'mean', ours: overall('ours'), classic: overall('classic') },
  ];
};
