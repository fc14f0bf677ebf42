import { leadingUnit, type TrafficUnit } from '#core/alerts/page-history.ts';
import { formatMetric } from '#core/metrics/format-metric.ts';
import { addDays } from '#core/ledger/time-range.ts';
import type { MailContent } from '#schemas/alerts.ts';
import { type Bar, bars } from './bars.ts';
import { capitalize } from './incident-words.ts';
import { describePace } from './forecast-words.ts';
import {
  conversionRows,
  countDays,
  describeCompared,
  describeGoal,
  moreCurrencies,
  type SummaryList,
  type SummaryTotal,
  totalsOf,
} from './summary-words.ts';
import { amount, change, count, dateWords, tidy } from './words.ts';

/** A week or a month of a page. */
export interface DigestView {
  subject: string;
  preview: string;
  title: string;
  headline: string;
  totals: SummaryTotal[];
  /** What the changes compare with; null if with nothing. */
  compared: string | null;
  goal: { text: string; reached: boolean } | null;
  /** "Views per day" */
  chartTitle: string;
  /** Empty without events. */
  chart: Bar[];
  /** Most clicked links, campaigns and conversions, of which there are any. */
  lists: SummaryList[];
  notes: { date: string; text: string }[];
  moreNotes: string | null;
  /** "This month" */
  paceTitle: string;
  pace: string | null;
  why: string;
}

type Content = Extract<MailContent, { kind: 'digest' | 'monthly' }>;

export function digestView(content: Content): DigestView {
  const { totals, previous, annotations } = content;
  const title = tidy(content.title) || content.page;
  const unit = leadingUnit(previous === null ? [totals] : [totals, previous]);
  const other: TrafficUnit = unit === 'views' ? 'clicks' : 'views';
  const both = totals[other] === 0 ? [unit] : [unit, other];
  const amounts = both.map((each) => amount(totals[each], each)).join(' and ');
  const words = content.kind === 'digest' ? weekWords(content) : monthWords(content);
  const compared = previous === null ? '' : `, ${change(totals[unit], previous[unit])} compared with ${words.before}`;
  return {
    subject: `${tidy(content.title, 50) || content.page}: ${amount(totals[unit], unit)} ${words.when}`,
    preview: `${amounts}${compared}.`,
    title,
    headline: words.headline,
    totals: totalsOf(totals, previous, unit),
    compared: previous === null ? null : describeCompared(content, words.before),
    goal: content.kind === 'monthly' && content.goal !== null ? describeGoal(content.goal) : null,
    ...chartOf(content, unit),
    lists: [linkList(content), campaignList(content), metricList(content), conversionList(content)].filter(
      ({ rows }) => rows.length > 0,
    ),
    notes: annotations.rows.map(({ date, text }) => ({ date: dateWords.dayMonth(date), text: tidy(text, 200) })),
    moreNotes: annotations.more === 0 ? null : `and ${count(annotations.more)} earlier ones in the dashboard`,
    paceTitle: content.kind === 'digest' ? 'This month' : dateWords.month(addDays(content.to, 1)),
    pace: describePace(content.pace),
    why: words.why,
  };
}

function weekWords({ from, to }: Content) {
  return {
    when: 'this week',
    headline: `${dateWords.dayMonth(from)} to ${dateWords.dayMonth(to)}`,
    before: 'the week before',
    why: "You're receiving the weekly summary for this page.",
  };
}

function monthWords(content: Content) {
  return {
    when: `in ${dateWords.month(content.from)}`,
    headline: dateWords.monthYear(content.from),
    before: `the ${countDays(content)} days before`,
    why: "You're receiving the monthly summary for this page.",
  };
}

/** Without events, there is no chart: rows of zeros say nothing. */
function chartOf(content: Content, unit: TrafficUnit): Pick<DigestView, 'chartTitle' | 'chart'> {
  const found = content.kind === 'digest' ? weekChart(content, unit) : monthChart(content, unit);
  return found.chart.some(({ value }) => value !== null && value > 0) ? found : { ...found, chart: [] };
}

function weekChart({ week }: Extract<Content, { kind: 'digest' }>, unit: TrafficUnit) {
  return {
    chartTitle: `${capitalize(unit)} per day`,
    chart: bars(week.map((day) => ({ label: dateWords.short(day.date), value: day[unit], marked: false }))),
  };
}

/** Means of seven days each: the last bar of a month has fewer days, and its sum would look like a drop. */
function monthChart({ days }: Extract<Content, { kind: 'monthly' }>, unit: TrafficUnit) {
  const weeks = Array.from({ length: Math.ceil(days.length / 7) }, (_, at) => days.slice(7 * at, 7 * at + 7));
  const points = weeks.map((week) => {
    const [first, last] = [week[0]?.date ?? '', week.at(-1)?.date ?? ''];
    const label = first === last ? dateWords.dayMonth(first) : `${Number(first.slice(8))}–${dateWords.dayMonth(last)}`;
    return { label, value: week.reduce((sum, day) => sum + (day[unit] ?? 0), 0) / week.length, marked: false };
  });
  return { chartTitle: `${capitalize(unit)} per day, on average`, chart: bars(points) };
}

function linkList({ links }: Content): SummaryList {
  return {
    title: 'Most clicked',
    rows: links.map((link) => ({
      name: tidy(link.title, 60) || `/${link.code}`,
      note: tidy(link.title, 60) === '' ? '' : `/${link.code}`,
      value: count(link.clicks),
      change: change(link.clicks, link.previous),
    })),
    more: null,
  };
}

function campaignList({ campaigns, totals, previous }: Content): SummaryList {
  const unit = leadingUnit(previous === null ? [totals] : [totals, previous]);
  return {
    title: `Campaigns, by ${unit}`,
    rows: campaigns.map(({ name, count: value, previous: before }) => ({
      name: tidy(name, 60),
      note: '',
      value: count(value),
      change: change(value, before),
    })),
    more: null,
  };
}

function metricList({ campaignMetrics }: Content): SummaryList {
  return {
    title: 'Campaigns so far',
    rows: campaignMetrics.map(({ campaign, metric, value }) => ({
      name: tidy(campaign, 60),
      note: tidy(metric.name, 60),
      value: formatMetric(value, metric),
      change: null,
    })),
    more: null,
  };
}

function conversionList({ conversions, previous }: Content): SummaryList {
  return {
    title: 'Conversions',
    rows: conversions === null ? [] : conversionRows(conversions, previous !== null),
    more: conversions === null ? null : moreCurrencies(conversions),
  };
}
