import type { Incident, MailContent } from '#schemas/alerts.ts';
import { type Bar, bars } from './bars.ts';
import {
  formatAmount,
  describeBacktest,
  describeBroken,
  capitalize,
  listFacts,
  buildHeadline,
  buildLead,
  buildRecovery,
  buildSentence,
  summarizeBroken,
  unitWords,
  valueFormat,
} from './incident-words.ts';
import { dateWords, tidy } from './words.ts';

/** Content of alert and recovery mails. User text is tidied, but templates must still escape it. */
export interface IncidentView {
  subject: string;
  /** Preview text in the inbox. */
  preview: string;
  title: string;
  /** "62% fewer views than usual" */
  headline: string;
  lead: string;
  facts: string[];
  /** "8 links are broken"; null for fewer than two. */
  brokenLinks: string | null;
  /** The first of them. */
  broken: { name: string; problem: string }[];
  /** How many the mail leaves out. */
  moreBroken: number;
  chartTitle: string;
  chart: Bar[];
  backtest: string | null;
  tone: 'down' | 'up' | 'calm';
}

/** Broken destinations in a mail; the dashboard lists all. */
const shownBroken = 3;

export function alertView(content: Extract<MailContent, { kind: 'alert' }>): IncidentView {
  const { incident, also, recent, sensitivity } = content;
  const title = tidy(content.title) || content.page;
  const headline = buildHeadline(incident);
  return {
    subject: `${tidy(content.title, 50) || content.page}: ${headline}`,
    preview: buildSentence(incident, 'open'),
    title,
    headline: capitalize(headline),
    lead: capitalize(buildLead(incident)),
    facts: [...listFacts(incident), ...also.map((each) => `Also: ${buildSentence(each, 'open')}`)],
    brokenLinks: summarizeBroken(incident.broken),
    broken: incident.broken.slice(0, shownBroken).map(describeBroken),
    moreBroken: Math.max(0, incident.broken.length - shownBroken),
    chartTitle: `${capitalize(unitWords[incident.unit])} per day`,
    chart: chartOf(incident, recent, incident.since.slice(0, 10)),
    backtest: describeBacktest(content.backtest, sensitivity),
    tone: incident.direction === 'surge' ? 'up' : 'down',
  };
}

function chartOf(incident: Incident, recent: readonly { date: string; value: number | null }[], marked: string): Bar[] {
  return bars(
    recent.map(({ date, value }) => ({ label: dateWords.short(date), value, marked: date === marked })),
    valueFormat(incident.unit),
  );
}

export function recoveryView(content: Extract<MailContent, { kind: 'recovery' }>): IncidentView {
  const { incident, recent } = content;
  const title = tidy(content.title) || content.page;
  const end = incident.recovered ?? incident.lastAlert;
  const now = incident.end === null ? '' : ` Now: ${formatAmount(incident.unit, incident.end.actual)}.`;
  return {
    subject: `${tidy(content.title, 50) || content.page}: back to normal`,
    preview: capitalize(buildRecovery(incident)),
    title,
    headline: 'Back to normal',
    lead: `${capitalize(buildRecovery(incident))}${now}`,
    facts:
      incident.lastAlert === incident.since
        ? []
        : [`The last unusual day was ${dateWords.long(incident.lastAlert.slice(0, 10))}.`],
    brokenLinks: null,
    broken: [],
    moreBroken: 0,
    chartTitle: `${capitalize(unitWords[incident.unit])} per day`,
    chart: chartOf(incident, recent, end),
    backtest: null,
    tone: 'calm',
  };
}
