import type { BacktestLine, BrokenDestination, Incident } from '#schemas/alerts.ts';
import { count, dateWords, listed, percent, roughly, tidy } from './words.ts';

export const unitWords: Record<Incident['unit'], string> = {
  views: 'views',
  clicks: 'clicks',
  rate: 'click-through rate',
};

/** `closed`: nobody follows it any more, and no mail told its end; the days since then are evaluated as days. */
export type IncidentState = 'open' | 'recovered' | 'closed';

/** Where the change came from, whether destinations answer, and the share of robots: a sentence each. */
export function incidentFacts(incident: Incident): string[] {
  return [...causeFacts(incident), ...destinationFact(incident), ...botFact(incident)];
}

function causeFacts({ cause, unit }: Incident): string[] {
  if (cause === null) return [];
  const facts = cause.dimensions.map((each) => {
    const { dimension, values, share } = each;
    const names = namesOf(each);
    if (isOnly(each)) return `Of the links only ${names} changed.`;
    const numbers = values.map(({ before, after }) => `${count(before)} → ${count(after)}`).join(', ');
    return `${percent(Math.min(1, share))} of the change ${dimension === 'link' ? 'is in clicks on' : 'comes from'} ${names} (${numbers}).`;
  });
  if (facts.length === 0 && unit !== 'rate') facts.push('Links, sources, countries and devices changed alike.');
  return facts;
}

type Dimension = NonNullable<Incident['cause']>['dimensions'][number];

function namesOf({ dimension, values }: Dimension): string {
  return listed(values.map(({ value }) => valueName(dimension, value)));
}

const countryNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });

function valueName(dimension: string, value: string): string {
  if (dimension === 'link') return `/${tidy(value, 40)}`;
  if (dimension === 'country') return /^[A-Z]{2}$/.test(value) ? (countryNames.of(value) ?? value) : tidy(value, 40);
  return dimension === 'referrer' ? referrerName(value) : tidy(value, 40);
}

/** Kinds of sources: an hour is known by them, a day by its hosts. */
const kindNames: Readonly<Record<string, string>> = {
  direct: 'direct visits',
  search: 'search engines',
  social: 'social networks',
  email: 'e-mail',
  ai: 'AI assistants',
  paid: 'paid campaigns',
  internal: 'the site itself',
  other: 'other sites',
};

function referrerName(value: string): string {
  return kindNames[value] ?? tidy(value, 40);
}

/** Everything else stayed as it was: the rest of the change is below a tenth. */
function isOnly({ dimension, share }: Dimension): boolean {
  return dimension === 'link' && share >= 0.9;
}

function destinationFact({ broken, checked }: Incident): string[] {
  return checked && broken.length === 0 ? ['Its destinations answer as they should.'] : [];
}

function botFact({ cause }: Incident): string[] {
  const after = cause?.bots.after ?? null;
  if (after === null) return [];
  const before = cause?.bots.before ?? null;
  const usual = before === null ? '' : `, usually ${percent(before)}`;
  return [`Robots are not counted here; they made ${percent(after)} of all requests${usual}.`];
}

/** `/merch`, and what is wrong with where it leads. */
export function brokenWords({ code, url, problem }: BrokenDestination): { name: string; problem: string } {
  return {
    name: `/${code}`,
    problem: `${tidy(url, 90)}: ${tidy(problem, 120)}`,
  };
}

/** "380 views on Monday 16 November; about 1,000 would have been usual." */
export function leadOf({ unit, first, since }: Incident): string {
  return `${amount(unit, first.actual)} ${when(since)}; ${unit === 'rate' ? '' : 'about '}${expectation(unit, first.expected)} would have been usual.`;
}

/** "380 views", "a click-through rate of 8 %". */
export function amount(unit: Incident['unit'], value: number): string {
  return unit === 'rate' ? `a click-through rate of ${rate(value)}` : `${count(value)} ${unitWords[unit]}`;
}

/**
 * What mails, the API and the dashboard say of an alert: each sentence has its one place here. Text of strangers is
 * tidied, and must still be escaped where it is shown.
 */

function rate(value: number): string {
  return `${(value * 100).toFixed(value < 0.1 ? 1 : 0)}\u00a0%`;
}

function when(since: string): string {
  return since.length > 10
    ? `in the hour from ${hourWords(since)} on ${dateWords.long(since.slice(0, 10))}`
    : `on ${dateWords.long(since)}`;
}

function hourWords(hour: string): string {
  return `${hour.slice(11, 13)}:00`;
}

function expectation(unit: Incident['unit'], value: number): string {
  return unit === 'rate' ? rate(value) : roughly(value);
}

/** "62 % fewer views than usual on Monday 16 November; it has been usual again for three days." */
export function recoveryOf(incident: Incident): string {
  return `${headlineOf(incident)} ${when(incident.since)}; it has been usual again for ${incident.metric === 'early' ? 'two hours' : 'three days'}.`;
}

/** "62 % fewer views than usual", "2.6 times the usual views". */
export function headlineOf({ direction, unit, first }: Pick<Incident, 'direction' | 'unit' | 'first'>): string {
  const { expected, actual } = first;
  const what = unitWords[unit];
  if (direction === 'silent') return `gone silent: ${count(actual)} ${what} in two hours`;
  if (expected <= 0) return `${count(actual)} ${what} where there were none`;
  const times = actual / expected;
  if (direction === 'surge')
    return times >= 2 ? `${times.toFixed(1)} times the usual ${what}` : `${what} up ${percent(times - 1)}`;
  if (actual === 0) return unit === 'rate' ? 'no clicks any more' : `no ${what} any more`;
  return unit === 'rate' ? `${what} down ${percent(times - 1)}` : `${percent(times - 1)} fewer ${what} than usual`;
}

/** "62 % fewer views than usual since 16 Nov: about 1,000 expected, 380 came; 94 % of it from Instagram, only /merch." */
export function sentenceOf(incident: Incident, state: IncidentState): string {
  const { unit, first } = incident;
  const about = unit === 'rate' ? '' : 'about ';
  const numbers = `${about}${expectation(unit, first.expected)} expected, ${valueWords(unit)(first.actual)} came`;
  const joined = incident.direction === 'silent' ? '; ' : ': ';
  return `${capital(lineOf(incident, state))}${joined}${numbers}${causeWords(incident)}.`;
}

export function valueWords(unit: Incident['unit']) {
  return unit === 'rate' ? rate : count;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "62 % fewer views than usual since 16 Nov", in one line of a list. */
export function lineOf(incident: Incident, state: IncidentState): string {
  return `${headlineOf(incident)} ${state === 'open' ? `since ${moment(incident.since)}` : spanOf(incident.since, incident.lastAlert)}`;
}

function moment(at: string): string {
  return at.length > 10 ? `${hourWords(at)} on ${dateWords.dayMonth(at.slice(0, 10))}` : dateWords.dayMonth(at);
}

/** "on 12 Nov", "from 12 Nov to 14 Nov", "from 07:00 on 22 Nov". */
export function spanOf(since: string, last: string): string {
  if (last === since) return since.length > 10 ? `from ${moment(since)}` : `on ${moment(since)}`;
  return `from ${moment(since)} to ${moment(last)}`;
}

/** Dimensions that the sentence has room for, beside the one link that changed. */
const sentenceDimensions = 2;

function causeWords({ cause }: Incident): string {
  if (cause === null || cause.dimensions.length === 0) return '';
  const parts = cause.dimensions
    .filter((each) => !isOnly(each))
    .slice(0, sentenceDimensions)
    .map((each, at) => {
      const share = `${percent(Math.min(1, each.share))}${at === 0 ? ' of it' : ''}`;
      return `${share} ${each.dimension === 'link' ? 'in clicks on' : 'from'} ${namesOf(each)}`;
    });
  const only = cause.dimensions.filter(isOnly).map((each) => `only ${namesOf(each)}`);
  return `; ${[...parts, ...only].join(', ')}`;
}

/** "Open", "Back to usual on 20 Nov". */
export function stateWords({ recovered, lastAlert }: Incident, state: IncidentState): string {
  switch (state) {
    case 'open':
      return 'Open';
    case 'recovered': {
      const end = recovered ?? lastAlert;
      return `Back to usual ${end.length > 10 ? 'at' : 'on'} ${moment(end)}`;
    }
    case 'closed':
      return 'Closed';
    default:
      return state satisfies never;
  }
}

/** More days than a line holds are the dashboard's. */
const daysNamed = 6;

/** "With the setting “normal” you would have had 3 alerts in 90 days (3 Sept, 12 Oct, 16 Nov)."; null where no day could be evaluated. */
export function backtestWords(line: BacktestLine | null, setting: string): string | null {
  if (line === null || line.evaluated === 0) return null;
  const alerts =
    line.dates.length === 0 ? 'no alert' : line.dates.length === 1 ? '1 alert' : `${line.dates.length} alerts`;
  const days = line.dates.slice(-daysNamed).map(dateWords.dayMonth);
  const named = days.length === 0 ? '' : ` (${line.dates.length > days.length ? '… ' : ''}${days.join(', ')})`;
  return `With the setting “${setting}” you would have had ${alerts} in ${line.days} days${named}.`;
}

/** Instead of it. */
export function nothingEvaluated(days: number): string {
  return `No day of the last ${days} could be evaluated: two weeks of settled days are needed before the first.`;
}
