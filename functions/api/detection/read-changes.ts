import type { z } from 'zod';
import { leadingUnit } from '#core/alerts/page-history.ts';
import { describeChange } from '#core/mails/change-words.ts';
import { type DimensionChange, explainChange, type PeriodCounts } from '#core/stats/explain-change.ts';
import type { Changes, changesQuerySchema } from '#schemas/api/changes.ts';
import type { DashboardResponse } from '#schemas/api/dashboard.ts';
import type { ApiDeps } from '../deps.ts';
import { unavailable } from '../problem.ts';
import { readCachedDashboard } from '../reports/cached-reports.ts';
import type { ReportSubject } from '../reports/subject.ts';
import { toCause } from '../views.ts';

type Query = z.output<typeof changesQuerySchema>;

/**
 * Explains how a page or link changed from the compared period to the range, from the same reports that the dashboard shows.
 * @throws {Problem} 400 for an invalid range or filter, 503 if either period cannot be read
 */
export async function readChanges(deps: ApiDeps, subject: ReportSubject, query: Query): Promise<Changes> {
  const { period, measure: wanted, ...rest } = query;
  function read(of: string): Promise<DashboardResponse> {
    const parts = subject.kind === 'page' ? 'current,hosts,links' : 'current,hosts';
    return readCachedDashboard(deps, subject, { ...rest, period: of, parts, compare: 'none', topLinks: 100 }, false);
  }
  const [after, before] = await Promise.all([read('requested'), read(period)]);
  const [is, was] = [toCounts(after), toCounts(before)];
  if (is === undefined || was === undefined)
    throw unavailable('The statistics of a period cannot be read. Try again in a few seconds.', undefined);
  const measure = wanted ?? leadingUnit([was, is]);
  const explained = explainChange(was, is, measure);
  const titles = titlesOf(after, before);
  const cause = explained.cause === undefined ? null : toCause(withTitles(explained.cause, titles));
  return {
    measure,
    periods: { before: datesOf(before), after: datesOf(after) },
    before: explained.before,
    after: explained.after,
    chance: explained.chance,
    cause,
    words: describeChange(explained, cause, measure),
    dimensions: explained.dimensions.map((each) => toDimensionView(each, titles)),
    sources: after.sources,
    freshness: after.freshness,
    errors: [...after.errors, ...before.errors],
  };
}

function toCounts({ current, links, ...sections }: DashboardResponse): PeriodCounts | undefined {
  if (current === null) return undefined;
  const { totals, outcomes, breakdowns } = current;
  const { country, device, browser, os, referrer } = breakdowns;
  return {
    views: totals.views,
    clicks: totals.clicks,
    bots: outcomes.bot ?? 0,
    lists: {
      country,
      device,
      browser,
      os,
      referrer,
      ...(sections.hosts && { host: sections.hosts }),
      ...(links && { link: links.map(({ code, clicks }) => ({ value: code, views: 0, clicks })) }),
    },
  };
}

function datesOf({ range: { from, to } }: DashboardResponse): { from: string; to: string } {
  return { from, to };
}

type Titles = ReadonlyMap<string, string>;

function titlesOf(...dashboards: readonly DashboardResponse[]): Titles {
  return new Map(
    dashboards.flatMap(({ links }) =>
      (links ?? []).flatMap(({ code, title }) => (title === null ? [] : [[code, title] as const])),
    ),
  );
}

function titleOf(titles: Titles, dimension: string, value: string): { title: string } | Record<never, never> {
  const title = dimension === 'link' ? titles.get(value) : undefined;
  return title === undefined ? {} : { title };
}

type Cause = NonNullable<Changes['cause']>;

function withTitles(cause: Cause, titles: Titles): Cause {
  return {
    ...cause,
    dimensions: cause.dimensions.map((each) => ({
      ...each,
      values: each.values.map((value) => ({ ...value, ...titleOf(titles, each.dimension, value.value) })),
    })),
  };
}

function toDimensionView(
  { dimension, values, others, parts }: DimensionChange,
  titles: Titles,
): Changes['dimensions'][number] {
  return {
    dimension,
    values: values.flatMap(({ value, ...change }) =>
      value === null ? [] : [{ value, ...titleOf(titles, dimension, value), ...change }],
    ),
    others: others ?? null,
    parts,
  };
}
