import type { Link, Page } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';

/** The page or link of a report. */
export interface ReportSubject {
  kind: 'page' | 'link';
  /** Path of the page, or id of the link. */
  name: string;
  /** Name of its counters. */
  entity: string;
  /** Time zone of its hours. */
  zone: string;
}

export function pageSubject({ path, timeZone }: Page): ReportSubject {
  return {
    kind: 'page',
    name: path,
    entity: entityKeys.page(path),
    zone: timeZone,
  };
}

export function linkSubject({ id }: Link, { timeZone }: Pick<Page, 'timeZone'>): ReportSubject {
  return {
    kind: 'link',
    name: id,
    entity: entityKeys.link(id),
    zone: timeZone,
  };
}
