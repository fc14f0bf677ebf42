import { localDateOf } from '#core/ledger/time-range.ts';
import type { DateSpan } from '#core/stats/period.ts';
import type { Annotation } from '#schemas/api/saved.ts';
import { type SummaryAnnotations, summaryLimits } from '#schemas/mails/summary-parts.ts';

/** Returns the annotations on these local dates, oldest first; of more than fit, the latest. */
export function summarizeAnnotations(
  annotations: readonly Pick<Annotation, 'at' | 'text'>[],
  { first, last }: DateSpan,
  zone: string,
): SummaryAnnotations {
  const rows = annotations
    .map(({ at, text }) => ({ at, date: localDateOf(at, zone), text }))
    .filter(({ date }) => date >= first && date <= last)
    .toSorted((a, b) => (a.date === b.date ? (a.at < b.at ? -1 : 1) : a.date < b.date ? -1 : 1))
    .map(({ date, text }) => ({ date, text }));
  const shown = rows.slice(-summaryLimits.annotations);
  return { rows: shown, more: rows.length - shown.length };
}
