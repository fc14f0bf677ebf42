import type { Incident, MailContent } from '#schemas/alerts.ts';
import { type Bar, bars } from './bars.ts';
import {
  amount,
  backtestWords,
  brokenWords,
  capital,
  incidentFacts,
  headlineOf,
  leadOf,
  recoveryOf,
  sentenceOf,
  unitWords,
  valueWords,
} from './incident-words.ts';
import { dateWords, tidy } from './words.ts';

/** What an alert mail and a recovery mail show; text of strangers is tidied, and must still be escaped. */
export interface IncidentView {
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

export function alertView(content: Extract<MailContent, { kind: 'alert' }>): IncidentView {
  const { incident, also, recent, sensitivity } = content;
  const title = tidy(content.title) || content.page;
  const headline = headlineOf(incident);
  return {
    subject: `${tidy(content.title, 50) || content.page}: ${headline}`,
    preview: sentenceOf(incident, 'open'),
    title,
    headline: capital(headline),
    lead: capital(leadOf(incident)),
    facts: [...incidentFacts(incident), ...also.map((each) => `Also: ${sentenceOf(each, 'open')}`)],
    broken: incident.broken.map(brokenWords),
    chartTitle: `${capital(unitWords[incident.unit])} a day`,
    chart: chartOf(incident, recent, incident.since.slice(0, 10)),
    backtest: backtestWords(content.backtest, sensitivity),
    tone: incident.direction === 'surge' ? 'up' : 'down',
  };
}

function chartOf(incident: Incident, recent: readonly { date: string; value: number | null }[], marked: string): Bar[] {
  return bars(
    recent.map(({ date, value }) => ({ label: dateWords.short(date), value, marked: date === marked })),
    valueWords(incident.unit),
  );
}

export function recoveryView(content: Extract<MailContent, { kind: 'recovery' }>): IncidentView {
  const { incident, recent } = content;
  const title = tidy(content.title) || content.page;
  const end = incident.recovered ?? incident.lastAlert;
  const now = incident.end === null ? '' : ` It ends with ${amount(incident.unit, incident.end.actual)}.`;
  return {
    subject: `${tidy(content.title, 50) || content.page}: back to usual`,
    preview: capital(recoveryOf(incident)),
    title,
    headline: 'Back to usual',
    lead: `${capital(recoveryOf(incident))}${now}`,
    facts:
      incident.lastAlert === incident.since
        ? []
        : [`The last unusual day was ${dateWords.long(incident.lastAlert.slice(0, 10))}.`],
    broken: [],
    chartTitle: `${capital(unitWords[incident.unit])} a day`,
    chart: chartOf(incident, recent, end),
    backtest: null,
    tone: 'calm',
  };
}
