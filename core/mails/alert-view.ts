import type { Episode, MailContent } from '#schemas/alerts.ts';
import { type Bar, bars } from './bars.ts';
import {
  amount,
  backtestWords,
  brokenWords,
  capital,
  episodeFacts,
  headlineOf,
  leadOf,
  recoveryOf,
  sentenceOf,
  unitWords,
  valueWords,
} from './incident-words.ts';
import { dateWords, tidy } from './words.ts';

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

export function alertView(content: Extract<MailContent, { kind: 'alert' }>): StoryView {
  const { episode, also, recent, sensitivity } = content;
  const title = tidy(content.title) || content.page;
  const headline = headlineOf(episode);
  return {
    subject: `${tidy(content.title, 50) || content.page}: ${headline}`,
    preview: sentenceOf(episode, 'open'),
    title,
    headline: capital(headline),
    lead: capital(leadOf(episode)),
    facts: [...episodeFacts(episode), ...also.map((each) => `Also: ${sentenceOf(each, 'open')}`)],
    broken: episode.broken.map(brokenWords),
    chartTitle: `${capital(unitWords[episode.unit])} a day`,
    chart: chartOf(episode, recent, episode.since.slice(0, 10)),
    backtest: backtestWords(content.backtest, sensitivity),
    tone: episode.direction === 'surge' ? 'up' : 'down',
  };
}

function chartOf(episode: Episode, recent: readonly { date: string; value: number | null }[], marked: string): Bar[] {
  return bars(
    recent.map(({ date, value }) => ({ label: dateWords.short(date), value, marked: date === marked })),
    valueWords(episode.unit),
  );
}

export function recoveryView(content: Extract<MailContent, { kind: 'recovery' }>): StoryView {
  const { episode, recent } = content;
  const title = tidy(content.title) || content.page;
  const end = episode.recovered ?? episode.lastAlert;
  const now = episode.end === null ? '' : ` It ends with ${amount(episode.unit, episode.end.actual)}.`;
  return {
    subject: `${tidy(content.title, 50) || content.page}: back to usual`,
    preview: capital(recoveryOf(episode)),
    title,
    headline: 'Back to usual',
    lead: `${capital(recoveryOf(episode))}${now}`,
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
}
