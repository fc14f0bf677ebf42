import type { UseQueryResult } from '@tanstack/react-query';
import type { Stats } from '#schemas/api.ts';
import type { ImportedCounts } from '#schemas/history/imported-counts-api.ts';
import type { DashboardResponse } from '#schemas/api/dashboard.ts';
import type { Subject } from '../../api/queries.ts';
import type { Stale } from '../../components/panel.tsx';
import type { Measure } from '../../format/traffic.ts';
import type { Range } from '../../range/range.ts';

/** What the panels of an overview show. */
export interface OverviewData {
  subject: Subject;
  range: Range;
  /** Time zone of the times shown. */
  zone: string;
  stats: UseQueryResult<Stats>;
  stale: Stale<Stats> | undefined;
  /** The compared period; undefined while it loads, and without a comparison. */
  before: Stats | undefined;
  parts: UseQueryResult<DashboardResponse>;
  partsBefore: DashboardResponse | undefined;
  /** What other tools have counted. Undefined while it loads, and with filters, which it does not have. */
  imported: ImportedCounts | undefined;
  /** What lists rank by. */
  measure: Measure;
}

/** Returns the name of an exported file: `ada-countries-2026-11-01-to-2026-11-22`. */
export function fileNameOf(
  { subject, range: { dates } }: Pick<OverviewData, 'subject' | 'range'>,
  what: string,
): string {
  return `${subject.name}-${what}-${dates.from}-to-${dates.to}`;
}
