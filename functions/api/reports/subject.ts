import type { Filter } from '#schemas/api/filters.ts';
import type { Link, Page } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { ApiDeps } from '../deps.ts';

/** The page or link of a report. */
export interface ReportSubject {
  kind: 'page' | 'link';
  /** Path of the page, or id of the link. */
  name: string;
  /** Path of the page, or of that of the link. */
  page: string;
  /** Name of its counters. */
  entity: string;
  /** Time zone of its hours. */
  zone: string;
}

export function pageSubject({ path, timeZone }: Page): ReportSubject {
  return {
    kind: 'page',
    name: path,
    page: path,
    entity: entityKeys.page(path),
    zone: timeZone,
  };
}

export function linkSubject({ id, page }: Link, { timeZone }: Pick<Page, 'timeZone'>): ReportSubject {
  return {
    kind: 'link',
    name: id,
    page,
    entity: entityKeys.link(id),
    zone: timeZone,
  };
}

/** A page filtered by one of its links only is read as the link, from its counters, which are live. */
export async function narrowToLink(
  { catalog }: Pick<ApiDeps, 'catalog'>,
  subject: ReportSubject,
  filters: readonly Filter[],
): Promise<{ subject: ReportSubject; filters: readonly Filter[] }> {
  const [filter, ...others] = filters;
  const [code, ...codes] = filter?.values ?? [];
  const isOneLink = filter?.dimension === 'link' && filter.operator === 'is' && others.length + codes.length === 0;
  if (subject.kind !== 'page' || !isOneLink || code === undefined || code === '') return { subject, filters };
  const link = await catalog.getLink(code);
  if (link === undefined || link.page !== subject.name) return { subject, filters };
  return { subject: linkSubject(link, { timeZone: subject.zone }), filters: [] };
}
