import { z } from 'zod';
import {
  type Ask,
  defineSource,
  type Entries,
  nameSchema,
  type Note,
  readAnswer,
  type Source,
  type StepOf,
} from './source.ts';

export interface ShlinkOptions {
  /** Where the instance answers: `https://s.example`. */
  server: string;
  /** Milliseconds since the epoch when the pull began: younger links and visits are left out, so that pages do not move. */
  startedAt: number;
  withHistory: boolean;
}

const linksPerPage = 100;
/** A visit has about 500 bytes. */
const visitsPerPage = 1_000;
const mostPages = 100_000;

const paginationSchema = z.object({ pagesCount: z.int().min(0).max(mostPages) });
const linkSchema = z.looseObject({
  shortCode: nameSchema,
  shortUrl: z.string().max(2_100),
  domain: nameSchema.nullish(),
  visitsSummary: z.object({ total: z.int().min(0) }).optional(),
  /** Until version 3. */
  visitsCount: z.int().min(0).optional(),
  hasRedirectRules: z.boolean().optional(),
});
const linksSchema = z.object({
  shortUrls: z.object({ data: z.array(linkSchema).max(linksPerPage), pagination: paginationSchema }),
});
const text = z.string().max(2_100).nullish();
export const shlinkVisitSchema = z.object({
  date: z.string().max(40),
  referer: text,
  userAgent: text,
  visitLocation: z.object({ countryCode: text, regionName: text, cityName: text }).nullish(),
  potentialBot: z.boolean().optional(),
});
export type ShlinkVisit = z.infer<typeof shlinkVisitSchema>;
const visitsSchema = z.object({
  visits: z.object({ data: z.array(shlinkVisitSchema).max(visitsPerPage), pagination: paginationSchema }),
});
const totalsSchema = z.object({
  visits: z.object({
    orphanVisits: z.object({ total: z.int().min(0) }).optional(),
    orphanVisitsCount: z.int().min(0).optional(),
  }),
});

const pendingSchema = z.object({ code: z.string(), domain: z.string().nullable(), address: z.string() });
const cursorSchema = z.discriminatedUnion('stage', [
  z.object({ stage: z.literal('totals') }),
  z.object({ stage: z.literal('links'), page: z.int() }),
  /** Lists the links again, so that all links come before the first visits; then asks for the visits of each. */
  z.object({ stage: z.literal('history'), page: z.int() }),
  z.object({
    stage: z.literal('visits'),
    /** The next page of links; null after the last one. */
    page: z.int().nullable(),
    pending: z.array(pendingSchema),
    /** Page of visits of the first of them. */
    visitsPage: z.int(),
  }),
]);
type Cursor = z.infer<typeof cursorSchema>;
type Step = StepOf<Cursor>;

/**
 * Reads an instance of Shlink: all short URLs, then each visit of each of them.
 * Sources: docs/imports.md#shlink.
 */
export function createShlinkSource({ server, startedAt, withHistory }: ShlinkOptions): Source {
  const rest = `${server.replace(/\/+$/, '')}/rest/v3`;
  const endDate = new Date(startedAt).toISOString();

  function ask(cursor: Cursor): Ask {
    switch (cursor.stage) {
      case 'totals':
        return { method: 'GET', url: `${rest}/visits`, about: 'the number of visits' };
      case 'links':
      case 'history': {
        const query = new URLSearchParams({
          page: String(cursor.page),
          itemsPerPage: String(linksPerPage),
          orderBy: 'dateCreated-ASC',
          endDate,
        });
        return { method: 'GET', url: `${rest}/short-urls?${query}`, about: `page ${cursor.page} of the short URLs` };
      }
      case 'visits': {
        const [link] = cursor.pending;
        const query = new URLSearchParams({
          page: String(cursor.visitsPage),
          itemsPerPage: String(visitsPerPage),
          endDate,
          ...(link?.domain && { domain: link.domain }),
        });
        return {
          method: 'GET',
          url: `${rest}/short-urls/${encodeURIComponent(link?.code ?? '')}/visits?${query}`,
          about: `page ${cursor.visitsPage} of the visits of ${link?.address ?? ''}`,
        };
      }
      default:
        return cursor satisfies never;
    }
  }

  function read(cursor: Cursor, body: unknown): Step {
    const { about } = ask(cursor);
    switch (cursor.stage) {
      case 'totals': {
        const { visits } = readAnswer(totalsSchema, body, about);
        const count = visits.orphanVisits?.total ?? visits.orphanVisitsCount ?? 0;
        return { next: { stage: 'links', page: 1 }, entries: [], notes: noteOf(orphans, count) };
      }
      case 'links': {
        const { data, pagination } = readAnswer(linksSchema, body, about).shortUrls;
        const entries: Entries[] = [{ kind: 'links', link: null, values: data }];
        const notes = noteOf(rules, data.filter(({ hasRedirectRules }) => hasRedirectRules === true).length);
        if (cursor.page < pagination.pagesCount)
          return { next: { stage: 'links', page: cursor.page + 1 }, entries, notes };
        return { next: withHistory ? { stage: 'history', page: 1 } : undefined, entries, notes };
      }
      case 'history': {
        const { data, pagination } = readAnswer(linksSchema, body, about).shortUrls;
        const pending = data.filter((link) => (link.visitsSummary?.total ?? link.visitsCount ?? 1) > 0).map(toPending);
        const page = cursor.page < pagination.pagesCount ? cursor.page + 1 : null;
        return proceed({ stage: 'visits', page, pending, visitsPage: 1 }, []);
      }
      case 'visits': {
        const { data, pagination } = readAnswer(visitsSchema, body, about).visits;
        const link = cursor.pending[0]?.address ?? null;
        const entries: Entries[] = data.length > 0 ? [{ kind: 'shlink-visits', link, values: data }] : [];
        if (cursor.visitsPage < pagination.pagesCount)
          return { next: { ...cursor, visitsPage: cursor.visitsPage + 1 }, entries, notes: [] };
        return proceed({ ...cursor, pending: cursor.pending.slice(1), visitsPage: 1 }, entries);
      }
      default:
        return cursor satisfies never;
    }
  }

  function refuse(cursor: Cursor, refusal: 'missing' | 'forbidden'): Step | undefined {
    // Only keys without restriction may read the totals, which are a number in the report.
    if (cursor.stage === 'totals' && refusal === 'forbidden')
      return { next: { stage: 'links', page: 1 }, entries: [], notes: [] };
    if (cursor.stage !== 'visits' || refusal !== 'missing') return undefined;
    const step = proceed({ ...cursor, pending: cursor.pending.slice(1), visitsPage: 1 }, []);
    return { ...step, notes: noteOf('short URLs deleted in Shlink during the pull', 1) };
  }

  return defineSource<Cursor>({
    pause: 0,
    authorize: (token) => ({ 'x-api-key': token }),
    needs: 'an API key of the instance (`shlink api-key:generate`) that has not expired',
    server: {
      given: server,
      allowed:
        'the https address of an instance of Shlink, such as https://s.example, without `/rest` and what follows',
    },
    cursor: cursorSchema,
    start: () => ({ stage: 'totals' }),
    ask,
    read,
    refuse,
  });
}

const orphans = 'orphan visits: they belong to no short URL';
const rules = 'short URLs with redirect rules: the rules are not imported';

function noteOf(text: string, count: number): Note[] {
  return count > 0 ? [{ text, count }] : [];
}

function toPending({ shortCode, domain, shortUrl }: z.infer<typeof linkSchema>) {
  return { code: shortCode, domain: domain ?? null, address: shortUrl.replace(/^https?:\/\//, '') };
}

/** Asks for the visits of the next link, for the next page of links, or ends. */
function proceed(cursor: Extract<Cursor, { stage: 'visits' }>, entries: Entries[]): Step {
  if (cursor.pending.length > 0) return { next: cursor, entries, notes: [] };
  const next = cursor.page === null ? undefined : { stage: 'history' as const, page: cursor.page };
  return { next, entries, notes: [] };
}
