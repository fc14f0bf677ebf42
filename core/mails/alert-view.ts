import type { BacktestLine, Episode, MailContent } from '#schemas/alerts.ts';
import { type Bar, bars } from './bars.ts';
import { count, dateWords, listed, percent, roughly, tidy } from './words.ts';

/** What an alert mail and a recovery mail show; text of strangers is tidied, and must still be escaped. */
export interface StoryView {
  subject: string;
  /** First line in the list of mails. */
  preview: string;
  title: string;
  /** "62 % fewer views than usual" */
  headline: string;
  lead: string;
  facts: string[];
  broken: { name: string; problem: string }[];
  chartTitle: string;
  chart: Bar[];
  backtest: string | null;
  tone: 'down' | 'up' | 'calm';
}

const rate = (value: number): string => `${(value * 100).toFixed(value < 0.1 ? 1 : 0)}\u00a0%`;
const valueWords = (unit: Episode['unit']) => (unit === 'rate' ? rate : count);

const unitWords: Record<Episode['unit'], string> = { views: 'views', clicks: 'clicks', rate: 'click-through rate' };

const amount = (unit: Episode['unit'], value: number): string =>
  unit === 'rate' ? `a click-through rate of ${rate(value)}` : `${count(value)} ${unitWords[unit]}`;

/** "62 % fewer views than usual", "2.6 times the usual views". */
export const headlineOf = ({ direction, unit, first }: Pick<Episode, 'direction' | 'unit' | 'first'>): string => {
  const { expected, actual } = first;
  const what = unitWords[unit];
  if (direction === 'silent') return `gone silent: ${count(actual)} ${what} in two hours`;
  if (expected <= 0) return `${count(actual)} ${what} where there were none`;
  const times = actual / expected;
  if (direction === 'surge')
    return times >= 2 ? `${times.toFixed(1)} times the usual ${what}` : `${what} up ${percent(times - 1)}`;
  if (actual === 0) return unit === 'rate' ? 'no clicks any more' : `no ${what} any more`;
  return unit === 'rate' ? `${what} down ${percent(times - 1)}` : `${percent(times - 1)} fewer ${what} than usual`;
};

const referrerName = (value: string): string => (value === 'direct' ? 'direct visits' : tidy(value, 40));

const countryNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });

const valueName = (dimension: string, value: string): string => {
  if (dimension === 'link') return `/${tidy(value, 40)}`;
  if (dimension === 'country') return /^[A-Z]{2}$/.test(value) ? (countryNames.of(value) ?? value) : tidy(value, 40);
  return dimension === 'referrer' ? referrerName(value) : tidy(value, 40);
};

const causeFacts = ({ cause, unit }: Episode): string[] => {
  if (cause === null) return [];
  const facts = cause.dimensions.map(({ dimension, values, share }) => {
    const names = listed(values.map(({ value }) => valueName(dimension, value)));
    if (dimension === 'link' && share >= 0.9) return `Of the links only ${names} changed.`;
    const numbers = values.map(({ before, after }) => `${count(before)} → ${count(after)}`).join(', ');
    return `${percent(Math.min(1, share))} of the change ${dimension === 'link' ? 'is in clicks on' : 'comes from'} ${names} (${numbers}).`;
  });
  if (facts.length === 0 && unit !== 'rate') facts.push('Links, sources, countries and devices changed alike.');
  return facts;
};

const botFact = ({ cause }: Episode): string[] => {
  const after = cause?.bots.after ?? null;
  if (after === null) return [];
  const before = cause?.bots.before ?? null;
  const usual = before === null ? '' : `, usually ${percent(before)}`;
  return [`Robots are not counted here; they made ${percent(after)} of all requests${usual}.`];
};

const destinationFact = ({ broken, checked }: Episode): string[] =>
  checked && broken.length === 0 ? ['Its destinations answer as they should.'] : [];

const backtestWords = (line: BacktestLine | null, sensitivity: string): string | null => {
  if (line === null || line.judged === 0) return null;
  const alerts =
    line.dates.length === 0 ? 'no alert' : line.dates.length === 1 ? '1 alert' : `${line.dates.length} alerts`;
  // More days than a line holds are the dashboard's.
  const days = line.dates.slice(-6).map(dateWords.dayMonth);
  const named = days.length === 0 ? '' : ` (${line.dates.length > days.length ? '… ' : ''}${days.join(', ')})`;
  return `With the setting “${sensitivity}” you would have had ${alerts} in ${line.days} days${named}.`;
};

const chartOf = (episode: Episode, recent: readonly { date: string; value: number | null }[], marked: string): Bar[] =>
  bars(
    recent.map(({ date, value }) => ({ label: dateWords.short(date), value, marked: date === marked })),
    valueWords(episode.unit),
  );

const when = (since: string): string =>
  since.length > 10
    ? `in the hour from ${since.slice(11, 13)}:00 on ${dateWords.long(since.slice(0, 10))}`
    : `on ${dateWords.long(since)}`;

const leadOf = ({ unit, first, since }: Episode): string =>
  `${amount(unit, first.actual)} ${when(since)}; ${unit === 'rate' ? rate(first.expected) : `about ${roughly(first.expected)}`} would have been usual.`;

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

export const alertView = (content: Extract<MailContent, { kind: 'alert' }>): StoryView => {
  const { episode, recent, sensitivity } = content;
  const title = tidy(content.title) || content.page;
  const headline = headlineOf(episode);
  return {
    subject: `${tidy(content.title, 50) || content.page}: ${headline}`,
    preview: leadOf(episode),
    title,
    headline: capital(headline),
    lead: capital(leadOf(episode)),
    facts: [...causeFacts(episode), ...destinationFact(episode), ...botFact(episode)],
    broken: episode.broken.map(({ code, url, problem }) => ({
      name: `/${code}`,
      problem: `${tidy(url, 90)}: ${tidy(problem, 120)}`,
    })),
    chartTitle: `${capital(unitWords[episode.unit])} a day`,
    chart: chartOf(episode, recent, episode.since.slice(0, 10)),
    backtest: backtestWords(content.backtest, sensitivity),
    tone: episode.direction === 'surge' ? 'up' : 'down',
  };
};

export const recoveryView = (content: Extract<MailContent, { kind: 'recovery' }>): StoryView => {
  const { episode, recent } = content;
  const title = tidy(content.title) || content.page;
  const end = episode.recovered ?? episode.lastAlert;
  const now = episode.end === null ? '' : ` It ends with ${amount(episode.unit, episode.end.actual)}.`;
  return {
    subject: `${tidy(content.title, 50) || content.page}: back to usual`,
    preview: `${capital(headlineOf(episode))} ${when(episode.since)}; it has been usual again for three days.`,
    title,
    headline: 'Back to usual',
    lead: `${capital(headlineOf(episode))} ${when(episode.since)}; it has been usual again for three days.${now}`,
    facts:
      episode.lastAlert === episode.since
        ? []
        : [`The last unusual day was ${dateWords.long(episode.lastAlert.slice(0, 10))}.`],
    broken: [],
    chartTitle: `${capital(unitWords[episode.unit])} a day`,
    chart: chartOf(episode, recent, end),
    backtest: null,
    tone: 'calm',
  };
};
