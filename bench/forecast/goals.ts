import { dateOfDay, dayNumber } from '../../core/detect/daily-series.ts';
import { mean } from '../../core/statistics/robust.ts';
import { forecastDaily } from '../../core/forecast/daily-forecast.ts';
import { goalPace } from '../../core/forecast/goal-pace.ts';
import type { SeasonalTrend } from '../../core/forecast/models.ts';
import { rounded, type Series } from '../detect/series.ts';

/** Days of the month on which each goal is judged, and goals as multiples of the month's expected total. */
const daysOfMonth = [1, 3, 6, 9, 12, 15, 18, 21, 24, 27];
const multiples = [0.7, 0.8, 0.85, 0.9, 0.95, 1, 1.05, 1.1, 1.15, 1.2, 1.3, 1.5];
/** Days before the first judgment. */
const shortest = 91;

interface Judged {
  file: string;
  probability: number;
  reached: boolean;
}

/**
 * Judges goals of every complete month of the series, and returns how many of those called so likely were reached. Goals that
 * are reached already are left out.
 */
export function judgeGoals(series: readonly Series[], trend: SeasonalTrend) {
  const judged = series.flatMap((each) => goalsOf(each, trend));
  const tenths = Array.from({ length: 10 }, (_, tenth) => ({
    called: `${tenth * 10} to ${tenth * 10 + 10}%`,
    ...outcome(judged.filter(({ probability }) => Math.min(9, Math.floor(probability * 10)) === tenth)),
  }));
  const around80 = judged.filter(({ probability }) => probability >= 0.75 && probability < 0.85);
  const bySeries = series.map(({ file }) => ({
    called: `75 to 85%, ${file}`,
    ...outcome(around80.filter((each) => each.file === file)),
  }));
  return [...tenths, { called: '75 to 85%', ...outcome(around80) }, ...bySeries];
}

function outcome(judged: readonly Judged[]) {
  return {
    goals: judged.length,
    said: rounded(mean(judged.map(({ probability }) => probability)), 3),
    reached: rounded(mean(judged.map(({ reached }) => (reached ? 1 : 0))), 3),
  };
}

function goalsOf({ file, rows }: Series, trend: SeasonalTrend): Judged[] {
  const counts = rows.map(({ at, views }) => ({ date: at.slice(0, 10), views }));
  const first = Math.min(...counts.map(({ date }) => dayNumber(date)));
  const views = new Map(counts.map((count) => [count.date, count.views]));
  const months = [...new Set(counts.map(({ date }) => date.slice(0, 7)))].filter((month) => isComplete(views, month));
  return months.flatMap((month) =>
    daysOfMonth.flatMap((day) => {
      const start = dayNumber(`${month}-${String(day).padStart(2, '0')}`);
      if (start - first < shortest) return [];
      const forecast = forecastDaily(counts, dateOfDay(start - 1), 31, trend);
      if (forecast.kind === 'skipped') return [];
      const remaining = forecast.days.filter(({ date }) => date.startsWith(month));
      const counted = counts
        .filter(({ date }) => date.startsWith(month) && dayNumber(date) < start)
        .map((each) => each.views);
      const total = sum(datesOf(month).map((date) => views.get(date) ?? 0));
      const { soFar, expected } = goalPace(null, counted, remaining, []);
      return multiples
        .map((multiple) => soFar + (expected - soFar) * multiple)
        .map((goal) => ({
          file,
          probability: goalPace(goal, counted, remaining, forecast.past).probability ?? 0,
          reached: total >= goal,
        }));
    }),
  );
}

function isComplete(views: ReadonlyMap<string, number>, month: string): boolean {
  return datesOf(month).every((date) => Number.isFinite(views.get(date) ?? Number.NaN));
}

function datesOf(month: string): string[] {
  const first = dayNumber(`${month}-01`);
  return Array.from({ length: 31 }, (_, at) => dateOfDay(first + at)).filter((date) => date.startsWith(month));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
