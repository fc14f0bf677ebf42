import type { Link, Page } from '#schemas/catalog.ts';
import { entityKeys } from '#schemas/counters.ts';

/** What a report is about: an entity of the counters and of the lake, and the zone that its hours are in. */
export interface ReportSubject {
  kind: 'page' | 'link';
  /** Path of the page, or code of the link. */
  name: string;
  /** Its partition key in the counters. */
  entity: string;
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

export function linkSubject({ code }: Link, { timeZone }: Pick<Page, 'timeZone'>): ReportSubject {
  return {
    kind: 'link',
    name: code,
    entity: entityKeys.link(code),
    zone: timeZone,
  };
}
