import type { BacktestLine, BrokenDestination, Incident } from '#schemas/alerts.ts';
import { nameHoliday } from './holidays.ts';
import { amount, count, dateWords, listed, percent, roughly, tidy } from './words.ts';

export const unitWords: Record<Incident['unit'], string> = {
  views: 'views',
  clicks: 'clicks',
  rate: 'click-through rate',
};

/** `closed`: no longer followed and ended without a mail; later days are evaluated on their own. */
export type IncidentState = 'open' | 'recovered' | 'closed';

/** Lists one sentence each about a holiday, where the change came from, the destinations, and the share of bots. */
export function listFacts(incident: Incident): string[] {
  return [...holidayFact(incident), ...causeFacts(incident), ...destinationFact(incident), ...botFact(incident)];
}

/** A page has no country, so a holiday is named and never hides an incident. */
function holidayFact({ since }: Incident): string[] {
  const date = since.slice(0, 10);
  const name = nameHoliday(date);
  return name === undefined ? [] : [`${dateWords.dayMonth(date)} is ${name}.`];
}

/** One sentence for each dimension that explains the change. */
export function causeFacts({ cause, unit }: Pick<Incident, 'cause' | 'unit'>): string[] {
  if (cause === null) return [];
  const facts = cause.dimensions.map((each) => {
    const { dimension, values, share } = each;
    const names = namesOf(each);
    if (isOnly(each)) return `Only ${names} changed; other links did not.`;
    const numbers = values.map(({ before, after }) => `${count(before)} → ${count(after)}`).join(', ');
    return `${percent(Math.min(1, share))} of the change comes from ${dimension === 'link' ? 'clicks on ' : ''}${names} (${numbers}).`;
  });
  if (facts.length === 0 && unit !== 'rate')
    facts.push('The change does not come from particular links, sources, countries or devices.');
  return facts;
}

type Dimension = NonNullable<Incident['cause']>['dimensions'][number];

function namesOf({ dimension, values }: Dimension): string {
  return listed(
    values.map(({ value, title }) => (dimension === 'link' ? linkName(value, title) : valueName(dimension, value))),
  );
}

/** "Spring merch (/k3x9)", or the short link alone. */
function linkName(code: string, title = ''): string {
  const name = tidy(title, 60);
  return name === '' ? `/${tidy(code, 40)}` : `${name} (/${tidy(code, 40)})`;
}

const countryNames = new Intl.DisplayNames('en', { type: 'region', fallback: 'code' });

function valueName(dimension: string, value: string): string {
  if (dimension === 'country') return /^[A-Z]{2}$/.test(value) ? (countryNames.of(value) ?? value) : tidy(value, 40);
  return dimension === 'referrer' ? referrerName(value) : tidy(value, 40);
}

/** Types of sources: hourly counters know only these; daily lists know the hosts. */
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

/** Returns whether one link explains at least nine tenths of the change. */
function isOnly({ dimension, share }: Dimension): boolean {
  return dimension === 'link' && share >= 0.9;
}

function destinationFact({ broken, checked, checkProblem }: Incident): string[] {
  if (checkProblem !== undefined)
    return [
      `The destinations could not be checked: Hopcount's own test address failed in the same way (${checkProblem}).`,
    ];
  return checked && broken.length === 0 ? ['All destinations respond normally.'] : [];
}

function botFact({ cause }: Incident): string[] {
  const after = cause?.bots.after ?? null;
  if (after === null) return [];
  const before = cause?.bots.before ?? null;
  const usual = before === null ? '' : ` (usually ${percent(before)})`;
  return [`Bots made ${percent(after)} of all requests${usual}. They are not counted.`];
}

/** "8 links are broken"; null for fewer than two, which a list says as well. */
export function summarizeBroken(broken: readonly BrokenDestination[]): string | null {
  const links = new Set(broken.map(({ code }) => code)).size;
  return links < 2 ? null : `${links} links are broken`;
}

/** Names a broken link, "Spring merch (/k3x9)", and describes what is wrong with its destination. */
export function describeBroken({ code, title, url, problem }: BrokenDestination): { name: string; problem: string } {
  return {
    name: linkName(code, title),
    problem: `${tidy(url, 90)}: ${tidy(problem, 120)}`,
  };
}

/** "380 views on Monday 16 November. Expected: about 1,000." */
export function buildLead(incident: Incident): string {
  const { unit, first } = incident;
  return `${formatAmount(unit, first.actual)} ${when(incident)}. Expected: ${unit === 'rate' ? '' : 'about '}${expectation(unit, first.expected)}.`;
}

/** "380 views", "a click-through rate of 8%". */
export function formatAmount(unit: Incident['unit'], value: number): string {
  return unit === 'rate' ? `a click-through rate of ${rate(value)}` : amount(value, unit);
}

function rate(value: number): string {
  return `${(value * 100).toFixed(value < 0.1 ? 1 : 0)}%`;
}

function when({ since, hours }: Pick<Incident, 'since' | 'hours'>): string {
  if (since.length <= 10) return `on ${dateWords.long(since)}`;
  const span = hours === undefined ? 'hour' : `${hours} hours`;
  return `in the ${span} from ${hourWords(since)} on ${dateWords.long(since.slice(0, 10))}`;
}

function hourWords(hour: string): string {
  return `${hour.slice(11, 13)}:00`;
}

function expectation(unit: Incident['unit'], value: number): string {
  return unit === 'rate' ? rate(value) : roughly(value);
}

/** "62% fewer views than usual on Monday 16 November. Back to normal for three days." */
export function buildRecovery(incident: Incident): string {
  return `${buildHeadline(incident)} ${when(incident)}. Back to normal for ${incident.metric === 'early' ? 'two hours' : 'three days'}.`;
}

/** "62% fewer views than usual", "2.6 times the usual views". */
export function buildHeadline({ direction, unit, first }: Pick<Incident, 'direction' | 'unit' | 'first'>): string {
  const { expected, actual } = first;
  const what = unitWords[unit];
  if (direction === 'silent') return `${stopped(unit)}: ${count(actual)} ${what} in two hours`;
  if (expected <= 0) return `${count(actual)} ${what}, up from none`;
  const times = actual / expected;
  if (direction === 'surge')
    return times >= 2 ? `${times.toFixed(1)} times the usual ${what}` : `${what} up ${percent(times - 1)}`;
  if (actual === 0) return stopped(unit);
  return unit === 'rate' ? `${what} down ${percent(times - 1)}` : `${percent(times - 1)} fewer ${what} than usual`;
}

function stopped(unit: Incident['unit']): string {
  return unit === 'views' ? 'traffic stopped' : 'clicks stopped';
}

/** "62% fewer views than usual since 16 Nov: 380 views, about 1,000 expected; 94% of the change from Instagram." */
export function buildSentence(incident: Incident, state: IncidentState): string {
  const { unit, first, direction } = incident;
  const expected = `${unit === 'rate' ? '' : 'about '}${expectation(unit, first.expected)} expected`;
  const line = capitalize(buildLine(incident, state));
  // The line of a silent page names the actual count.
  if (direction === 'silent') return `${line}; ${expected}${causeWords(incident)}.`;
  const actual = unit === 'rate' ? rate(first.actual) : amount(first.actual, unit);
  return `${line}: ${actual}, ${expected}${causeWords(incident)}.`;
}

export function valueFormat(unit: Incident['unit']) {
  return unit === 'rate' ? rate : count;
}

export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** "62% fewer views than usual since 16 Nov" */
export function buildLine(incident: Incident, state: IncidentState): string {
  return `${buildHeadline(incident)} ${state === 'open' ? `since ${moment(incident.since)}` : formatSpan(incident.since, incident.lastAlert)}`;
}

function moment(at: string): string {
  return at.length > 10 ? `${hourWords(at)} on ${dateWords.dayMonth(at.slice(0, 10))}` : dateWords.dayMonth(at);
}

/** "on 12 Nov", "from 12 Nov to 14 Nov", "from 07:00 on 22 Nov". */
export function formatSpan(since: string, last: string): string {
  if (last === since) return since.length > 10 ? `from ${moment(since)}` : `on ${moment(since)}`;
  return `from ${moment(since)} to ${moment(last)}`;
}

/** Maximum dimensions in the sentence, besides the only link that changed. */
const sentenceDimensions = 2;

function causeWords({ cause }: Incident): string {
  if (cause === null || cause.dimensions.length === 0) return '';
  const parts = cause.dimensions
    .filter((each) => !isOnly(each))
    .slice(0, sentenceDimensions)
    .map((each, at) => {
      const share = `${percent(Math.min(1, each.share))}${at === 0 ? ' of the change' : ''}`;
      return `${share} ${each.dimension === 'link' ? 'in clicks on' : 'from'} ${namesOf(each)}`;
    });
  const only = cause.dimensions.filter(isOnly).map((each) => `only ${namesOf(each)} changed`);
  return `; ${[...parts, ...only].join(', ')}`;
}

/** "Open", "Back to normal on 20 Nov". */
export function describeState({ recovered, lastAlert }: Incident, state: IncidentState): string {
  switch (state) {
    case 'open':
      return 'Open';
    case 'recovered': {
      const end = recovered ?? lastAlert;
      return `Back to normal ${end.length > 10 ? 'at' : 'on'} ${moment(end)}`;
    }
    case 'closed':
      return 'Closed';
    default:
      return state satisfies never;
  }
}

/** Maximum dates in the sentence. */
const daysNamed = 6;

/** "With the setting “normal”, you would have received 3 alerts in 90 days (3 Sept, 12 Oct, 16 Nov)." Null if no day could be evaluated. */
export function describeBacktest(line: BacktestLine | null, setting: string): string | null {
  if (line === null || line.evaluated === 0) return null;
  return `With the setting “${setting}”, you would have received ${alertsIn(line)}.`;
}

/** "Hourly detection would have sent 2 alerts in 34 days (3 Nov, 12 Nov)." */
export function describeHourlyBacktest(line: Pick<BacktestLine, 'days' | 'dates'>): string {
  return `Hourly detection would have sent ${alertsIn(line)}.`;
}

function alertsIn({ dates, days }: Pick<BacktestLine, 'days' | 'dates'>): string {
  const alerts = dates.length === 0 ? 'no alerts' : dates.length === 1 ? '1 alert' : `${dates.length} alerts`;
  const last = dates.slice(-daysNamed).map(dateWords.dayMonth);
  const named = last.length === 0 ? '' : ` (${dates.length > last.length ? '… ' : ''}${last.join(', ')})`;
  return `${alerts} in ${days} ${days === 1 ? 'day' : 'days'}${named}`;
}

/** Explains why there is no backtest. */
export function explainNoBacktest(days: number): string {
  return `None of the last ${days} days could be evaluated: detection first needs two weeks of settled days.`;
}
