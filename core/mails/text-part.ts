import type { AgencyMonthView } from './agency-month-view.ts';
import type { AgencyView } from './agency-view.ts';
import type { IncidentView } from './alert-view.ts';
import { textBars } from './bars.ts';
import type { ConfirmationView } from './confirmation-view.ts';
import type { DigestView } from './digest-view.ts';
import type { SummaryList } from './summary-words.ts';
import { isolated } from './words.ts';

/** Links in a mail. */
export interface MailLinks {
  dashboard: string;
  unsubscribe: string;
  /** Link of a confirmation. */
  confirm: string | null;
  /** Feedback links of an alert. */
  useful: string | null;
  notUseful: string | null;
}

/** Renders the text part of an alert or a recovery. */
export function incidentText(view: IncidentView, links: MailLinks): string {
  return paragraphs([
    `${isolated(view.title)}\n${view.headline}`,
    view.lead,
    brokenText(view),
    view.facts.map((fact) => `- ${isolated(fact)}`).join('\n'),
    view.chart.length === 0 ? null : `${view.chartTitle}\n${textBars(view.chart)}`,
    view.backtest,
    feedback(links),
    footer(links),
  ]);
}

function brokenText({ brokenLinks, broken, moreBroken }: IncidentView): string {
  const more = moreBroken === 0 ? [] : [`  and ${moreBroken} more in the dashboard`];
  const lines =
    brokenLinks === null
      ? broken.map(({ name, problem }) => `! ${isolated(name)} is broken: ${isolated(problem)}`)
      : [`! ${brokenLinks}:`, ...broken.map(({ name, problem }) => `  - ${isolated(name)}: ${isolated(problem)}`)];
  return [...lines, ...more].join('\n');
}

/** Renders the text part of a confirmation. */
export function confirmationText(view: ConfirmationView, confirm: string, unsubscribe: string): string {
  return paragraphs([view.headline, ...view.paragraphs, `${view.button}: ${confirm}`, `${view.never}: ${unsubscribe}`]);
}

function paragraphs(parts: readonly (string | null)[]): string {
  return `${parts.filter((part) => part !== null && part !== '').join('\n\n')}\n`;
}

function feedback({ useful, notUseful }: MailLinks): string | null {
  return useful === null || notUseful === null
    ? null
    : `Was this alert useful? Your answer adjusts how sensitive alerts are.\n  Yes: ${useful}\n  No: ${notUseful}`;
}

function footer({ dashboard, unsubscribe }: MailLinks): string {
  return `Open the dashboard: ${dashboard}\nUnsubscribe: ${unsubscribe}`;
}

export function digestText(view: DigestView, links: MailLinks): string {
  return paragraphs([
    `${isolated(view.title)}\n${view.headline}`,
    totalsText(view.totals),
    view.compared,
    view.goal?.text ?? null,
    view.chart.length === 0 ? null : `${view.chartTitle}\n${textBars(view.chart)}`,
    ...view.lists.map(listText),
    notesText(view),
    view.pace,
    footer(links),
  ]);
}

function totalsText(totals: DigestView['totals']): string {
  return totals
    .map(({ name, value, change }) => `${name}: ${value}${change === null ? '' : ` (${change})`}`)
    .join('\n');
}

function listText({ title, rows, more }: SummaryList): string {
  const lines = rows.map(
    ({ name, value, change }) => `- ${isolated(name)}: ${value}${change === null ? '' : ` (${change})`}`,
  );
  return [title, ...lines, ...(more === null ? [] : [`  ${more}`])].join('\n');
}

function notesText({ notes, moreNotes }: DigestView): string | null {
  if (notes.length === 0) return null;
  const lines = notes.map(({ date, text }) => `- ${date}: ${isolated(text)}`);
  return ['Annotations', ...lines, ...(moreNotes === null ? [] : [`  ${moreNotes}`])].join('\n');
}

export function agencyMonthText(view: AgencyMonthView, links: MailLinks): string {
  return paragraphs([
    view.headline,
    totalsText(view.totals),
    view.compared,
    view.goals,
    [
      'Pages',
      ...view.pages.map(({ path, title, value, change, goal }) => {
        const facts = [change, goal === null ? null : `goal ${goal}`].filter((fact) => fact !== null);
        return `- ${isolated(title)} (${path}): ${value}${facts.length === 0 ? '' : ` (${facts.join(', ')})`}`;
      }),
      ...(view.morePages === null ? [] : [`  ${view.morePages}`]),
    ].join('\n'),
    view.conversions.rows.length === 0 ? null : listText(view.conversions),
    footer(links),
  ]);
}

export function agencyText(view: AgencyView, links: MailLinks): string {
  return paragraphs([
    view.headline,
    ...view.groups.map(
      ({ name, pages }) =>
        `${name}\n${pages.map(({ path, title, text }) => `- ${isolated(title)} (${path}): ${text}`).join('\n')}`,
    ),
    footer(links),
  ]);
}
