import { leadingUnit } from '#core/alerts/page-history.ts';
import type { AgencyContent } from '#schemas/alerts.ts';
import { pages } from './agency-view.ts';
import {
  conversionRows,
  countDays,
  describeCompared,
  moreCurrencies,
  type SummaryList,
  type SummaryTotal,
  totalsOf,
} from './summary-words.ts';
import { amount, change, count, dateWords, tidy } from './words.ts';

/** A month of all pages of an agency. */
export interface AgencyMonthView {
  subject: string;
  preview: string;
  headline: string;
  totals: SummaryTotal[];
  compared: string;
  goals: string | null;
  pages: { path: string; title: string; value: string; change: string | null; goal: 'reached' | 'missed' | null }[];
  morePages: string | null;
  conversions: SummaryList;
}

export function agencyMonthView(content: Extract<AgencyContent, { kind: 'agency-monthly' }>): AgencyMonthView {
  const { totals, previous, from, conversions, goals, more } = content;
  const unit = leadingUnit([totals, previous]);
  const month = dateWords.month(from);
  const before = `the ${countDays(content)} days before`;
  const changed = change(totals[unit], previous[unit]);
  return {
    subject: `${tidy(content.agency, 40)}: ${amount(totals[unit], unit)} in ${month}`,
    preview: `${amount(totals[unit], unit)} on ${pages(content.pages)}, ${changed} compared with ${before}.`,
    headline: dateWords.monthYear(from),
    totals: totalsOf(totals, previous, unit),
    compared: `${content.pages === 1 ? '1 page' : `All ${pages(content.pages)}`}. ${describeCompared(content, before)}`,
    goals: goals.set === 0 ? null : `${count(goals.reached)} of ${pages(goals.set)} with a goal reached it.`,
    pages: content.rows.map((row) => {
      const each = leadingUnit(row.previous === null ? [row.totals] : [row.totals, row.previous]);
      return {
        path: row.page,
        title: tidy(row.title, 60) || row.page,
        value: amount(row.totals[each], each),
        change: row.previous === null ? null : change(row.totals[each], row.previous[each]),
        goal: row.goal === null ? null : row.goal.actual >= row.goal.goal ? 'reached' : 'missed',
      };
    }),
    morePages: more === 0 ? null : `and ${count(more)} more ${more === 1 ? 'page' : 'pages'} in the dashboard`,
    conversions: {
      title: 'Conversions',
      rows: conversions === null ? [] : conversionRows(conversions, true),
      more: conversions === null ? null : moreCurrencies(conversions),
    },
  };
}
