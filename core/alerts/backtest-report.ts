import { type Episode, episodesOf, walkDays } from '#core/detect/backtest.ts';
import { classicDays, classicTraffic } from '#core/detect/classic-rules.ts';
import { type DailyCount, dailySeries, dateOfDay, dayNumber } from '#core/detect/daily-series.ts';
import type { Judgement } from '#core/detect/judgement.ts';
import type { DetectionSetting } from '#core/detect/sensitivity.ts';

export interface BacktestReport {
  /** Days that could be judged, of the days looked at. */
  judged: number;
  days: number;
  episodes: (Episode & { expected: number; actual: number })[];
  /** What the classic rule would have said, in episodes as well. */
  classic: Episode[];
}

const quiet: Judgement = {
  kind: 'quiet',
  reason: 'usual',
  expected: 0,
  actual: 0,
  usual: 0,
  score: 0,
  probability: 1,
};

const classicEpisodes = (counts: readonly DailyCount[], first: number): Episode[] => {
  const { counts: series, firstDay } = dailySeries(counts);
  const views = series.map((count) => count?.views ?? Number.NaN);
  const judged = views.map((value, index) => {
    const date = dateOfDay(firstDay + index);
    const direction = classicTraffic(views.slice(Math.max(0, index - classicDays), index), value);
    const judgement: Judgement = direction === null ? quiet : { ...quiet, kind: 'alert', direction };
    return { date, judgement };
  });
  return episodesOf(judged.filter(({ date }) => dayNumber(date) > first));
};

/** What this setting would have told in the days up to `through`, the classic rule beside it. */
export const backtestReport = (
  counts: readonly DailyCount[],
  setting: DetectionSetting,
  through: string,
  days: number,
): BacktestReport => {
  const end = dayNumber(through);
  const known = counts.filter(({ date }) => dayNumber(date) <= end);
  const walked = walkDays(known, setting).filter(({ date }) => dayNumber(date) > end - days);
  const evidence = new Map(walked.map(({ date, judgement }) => [date, judgement] as const));
  return {
    judged: walked.filter(({ judgement }) => judgement.kind !== 'skipped').length,
    days,
    episodes: episodesOf(walked).map((episode) => {
      const first = evidence.get(episode.from);
      return first === undefined || first.kind === 'skipped'
        ? { ...episode, expected: 0, actual: 0 }
        : { ...episode, expected: first.expected, actual: first.actual };
    }),
    classic: classicEpisodes(known, end - days),
  };
};
