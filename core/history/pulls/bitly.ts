import { z } from 'zod';
import { RefusedField } from './errors.ts';
import { type Ask, defineSource, type Entries, nameSchema, readAnswer, type Source, type StepOf } from './source.ts';

export interface BitlyOptions {
  /** Milliseconds since the epoch when the pull began: younger links and clicks are left out. */
  startedAt: number;
  /** Only the links of this group. @default - all groups of the token */
  group?: string | undefined;
  withHistory: boolean;
}

const api = 'https://api-ssl.bitly.com/v4';

/** Links of a page, the most that Bitly returns. */
const pageSize = 100;
const mostGroups = 200;

const groupsSchema = z.object({
  groups: z.array(z.object({ guid: nameSchema, name: nameSchema.optional().catch(undefined) })).max(mostGroups),
});
type Groups = z.infer<typeof groupsSchema>['groups'];
const linkSchema = z.looseObject({ id: nameSchema });
const linksSchema = z.object({
  links: z.array(linkSchema).max(pageSize),
  pagination: z.object({ search_after: z.string().max(2_000).nullish() }),
});
const daySchema = z.object({ date: z.string().max(40), clicks: z.int().min(0) });
const daysSchema = z.object({ link_clicks: z.array(daySchema).max(20_000) });

const listingSchema = z.object({
  groups: z.array(z.string()),
  group: z.int(),
  after: z.string(),
});
const cursorSchema = z.discriminatedUnion('stage', [
  z.object({ stage: z.literal('groups') }),
  listingSchema.extend({ stage: z.literal('links') }),
  /** Lists the links again, so that all links come before the first clicks; then asks for the clicks of each. */
  listingSchema.extend({ stage: z.literal('history') }),
  listingSchema.extend({ stage: z.literal('clicks'), pending: z.array(z.string()) }),
]);
type Cursor = z.infer<typeof cursorSchema>;
type Listing = z.infer<typeof listingSchema>;
type Step = StepOf<Cursor>;

/**
 * Reads an account of Bitly: all links, then the clicks of each link by day.
 * Sources: docs/imports.md#bitly.
 */
export function createBitlySource({ startedAt, group, withHistory }: BitlyOptions): Source {
  const reference = new Date(startedAt).toISOString().replace(/\.\d+Z$/, '+0000');

  function ask(cursor: Cursor): Ask {
    switch (cursor.stage) {
      case 'groups':
        return { method: 'GET', url: `${api}/groups`, about: 'the groups' };
      case 'links':
      case 'history':
        return askForLinks(cursor);
      case 'clicks': {
        const link = cursor.pending[0] ?? '';
        const path = link.split('/').map(encodeURIComponent).join('/');
        const query = new URLSearchParams({ unit: 'day', units: '-1', unit_reference: reference });
        return { method: 'GET', url: `${api}/bitlinks/${path}/clicks?${query}`, about: `the clicks of ${link}` };
      }
      default:
        return cursor satisfies never;
    }
  }

  function askForLinks({ groups, group: at, after }: Listing): Ask {
    const query = new URLSearchParams({
      size: String(pageSize),
      archived: 'both',
      created_before: String(Math.floor(startedAt / 1000)),
      ...(after !== '' && { search_after: after }),
    });
    const guid = groups[at] ?? '';
    const url = `${api}/groups/${encodeURIComponent(guid)}/bitlinks?${query}`;
    return { method: 'GET', url, about: `the links of the group ${guid}` };
  }

  function begin(groups: string[]): Step {
    const next = groups.length === 0 ? undefined : { stage: 'links' as const, groups, group: 0, after: '' };
    return { next, entries: [], notes: [] };
  }

  function read(cursor: Cursor, body: unknown): Step {
    const { about } = ask(cursor);
    switch (cursor.stage) {
      case 'groups':
        return begin(chooseGroups(readAnswer(groupsSchema, body, about).groups, group));
      case 'links': {
        const { links, pagination } = readAnswer(linksSchema, body, about);
        const next = nextPage(cursor, pagination.search_after ?? '', links.length);
        const entries: Entries[] = [{ kind: 'links', link: null, values: links }];
        if (next !== undefined) return { next: { ...next, stage: 'links' }, entries, notes: [] };
        return {
          next: withHistory ? { ...cursor, stage: 'history', group: 0, after: '' } : undefined,
          entries,
          notes: [],
        };
      }
      case 'history': {
        const { links, pagination } = readAnswer(linksSchema, body, about);
        // Where the next page is, kept while the clicks of this one are read.
        const next = nextPage(cursor, pagination.search_after ?? '', links.length);
        const listing = next ?? { ...cursor, group: cursor.groups.length };
        return proceed({ ...listing, stage: 'clicks', pending: links.map(({ id }) => id) }, []);
      }
      case 'clicks': {
        const { link_clicks: days } = readAnswer(daysSchema, body, about);
        const [link = null, ...pending] = cursor.pending;
        const values = days.filter(({ clicks }) => clicks > 0);
        return proceed({ ...cursor, pending }, values.length > 0 ? [{ kind: 'bitly-days', link, values }] : []);
      }
      default:
        return cursor satisfies never;
    }
  }

  function refuse(cursor: Cursor, refusal: 'missing' | 'forbidden'): Step | undefined {
    // A link was deleted since the list was read.
    if (cursor.stage !== 'clicks' || refusal !== 'missing') return undefined;
    const step = proceed({ ...cursor, pending: cursor.pending.slice(1) }, []);
    return { ...step, notes: [{ text: 'links deleted in Bitly during the pull', count: 1 }] };
  }

  return defineSource<Cursor>({
    // 150 a minute for lists, and at most five connections.
    pause: 400,
    authorize: (token) => ({ authorization: `Bearer ${token}` }),
    needs: 'a token of a user of the account, for clicks of a plan with metrics',
    cursor: cursorSchema,
    start: () => ({ stage: 'groups' }),
    ask,
    read,
    refuse,
  });
}

/** Groups that a message names. */
const mostNamed = 20;
const longestName = 60;

/** Returns the ids of all groups, or of the one. @throws {RefusedField} naming the groups of the account */
function chooseGroups(groups: Groups, chosen: string | undefined): string[] {
  const ids = groups.map(({ guid }) => guid);
  if (chosen === undefined) return ids;
  if (ids.includes(chosen)) return [chosen];
  const named = groups
    .slice(0, mostNamed)
    .map(({ guid, name }) => (name === undefined ? `\`${guid}\`` : `\`${guid}\` (${name.slice(0, longestName)})`));
  const more = groups.length > mostNamed ? ` and ${groups.length - mostNamed} more` : '';
  const allowed = named.length === 0 ? 'left out: the account has no groups' : `one of ${named.join(', ')}${more}`;
  throw new RefusedField(`\`group\` must be ${allowed}; got \`${chosen}\``);
}

/** Returns the next page of a listing: of the same group, or the first one of the next group. */
function nextPage(listing: Listing, after: string, links: number): Listing | undefined {
  const { groups, group } = listing;
  // Without links, a page has no successor, whatever it says.
  if (after !== '' && links > 0) return { groups, group, after };
  return group + 1 < groups.length ? { groups, group: group + 1, after: '' } : undefined;
}

/** Asks for the clicks of the next link, for the next page of links, or ends. */
function proceed(cursor: Extract<Cursor, { stage: 'clicks' }>, entries: Entries[]): Step {
  const { pending, groups, group, after } = cursor;
  if (pending.length > 0) return { next: cursor, entries, notes: [] };
  const next = group < groups.length ? { stage: 'history' as const, groups, group, after } : undefined;
  return { next, entries, notes: [] };
}
