import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Link, type LinkInput, linkSchema } from '#schemas/catalog.ts';
import { linksOfPageLimit } from '#schemas/catalog-rules.ts';
import { parseItem, toItem } from '../dynamodb/items.ts';
import { forEachConcurrently } from '../dynamodb/rounds.ts';
import { type Condition, isNew, type Item, type Table, type Write } from '../dynamodb/table.ts';
import { StoreUnavailable } from '../errors.ts';
import { catalogKeys, listingKeys } from './catalog-keys.ts';

const reservationSchema = z.object({ code: z.string(), id: z.string(), page: z.string(), deletedAt: z.string() });
/** A deleted link's code, which stays reserved for its page. */
export type Reservation = z.infer<typeof reservationSchema>;

/** What the catalog holds under a code. */
export type StoredCode =
  | { kind: 'link'; link: Link }
  /** The code is an alias of the link. */
  | { kind: 'alias'; link: Link }
  | { kind: 'reserved'; reservation: Reservation };

export type LinkCreation =
  | { kind: 'created'; link: Link }
  /** A link has the code, or the alias. */
  | { kind: 'taken'; code: string }
  /** The code, or an alias, is reserved for another page. */
  | { kind: 'reserved'; code: string; page: string }
  /** The page has as many links as it may. */
  | { kind: 'full' };

/** Result of an import. Nothing was written of the links in `busy` and `full`, by code. */
export interface ImportResult {
  written: number;
  /** Their items were changed by others at the same time, or the table did not take them. */
  busy: string[];
  /** Their pages would have too many links. */
  full: string[];
}

export interface LinkCodesOptions {
  table: Table;
  /** Makes ids unique. @default node:crypto */
  random?: ((bytes: number) => Uint8Array) | undefined;
}

/**
 * Gives codes to links. A code is never handed from one page to another: when a link is deleted, its code stays reserved
 * for its page, with the id by which events and counters know the link. Created again on that page, the link continues its
 * history. Once an admin has released the code, the next link with it gets another id, and starts at zero.
 *
 * An alias is an item of its own with a copy of the link, so that redirect reads one item whatever code it is asked for. A
 * link and its aliases are written in one transaction.
 */
export function createLinkCodes({ table, random = randomBytes }: LinkCodesOptions) {
  /** Counts the links of a page that has no count yet, as in a stack of an older version. Returns whether it was missing. */
  async function startCount(page: string): Promise<boolean> {
    const key = catalogKeys.linkCount(page);
    if ((await table.get(key)) !== undefined) return false;
    const links = (await table.listAll(listingKeys.linksOfPage(page))).map(parseLinkItem);
    const reserved = await table.listAll(listingKeys.reservedCodes(page));
    const codes = links.reduce((sum, { aliases }) => sum + 1 + aliases.length, reserved.length);
    await table.putIf(toItem({ ...key, links: codes }), isNew);
    return true;
  }

  /**
   * Adds codes to the count of a page, before they are written: what is interrupted in between stays counted. Returns false
   * if the page would have too many.
   */
  async function takeRoom(page: string, links: number): Promise<boolean> {
    function add(): Promise<boolean> {
      const fits = {
        expression: `${isCounted.expression} AND #links <= :most`,
        values: { most: linksOfPageLimit - links },
      };
      return table.updateIf(catalogKeys.linkCount(page), { add: { links } }, fits);
    }
    return (await add()) || ((await startCount(page)) && add());
  }
  async function giveBack(page: string, links: number): Promise<void> {
    await table.updateIf(catalogKeys.linkCount(page), { add: { links: -links } }, isCounted);
  }

  async function findCodes(codes: readonly string[]): Promise<Map<string, StoredCode>> {
    const keys = [...new Set(codes)].map(catalogKeys.link);
    return new Map((await table.batchGet(keys, { consistent: true })).map(parseCode));
  }

  /** Writes a link with its aliases, all or nothing. */
  function write(writes: readonly PutIf[]): Promise<boolean> {
    const [only, ...others] = writes;
    if (only === undefined) return Promise.resolve(true);
    return others.length === 0 ? table.putIf(only.item, only.condition) : table.transact(writes);
  }

  return {
    /** Returns what is stored under the codes that are not free. */
    findCodes,
    /** Stores a new link, if its code and its aliases are free or reserved for its page. */
    createLink: async (input: LinkInput): Promise<LinkCreation> => {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const codes = await findCodes(codesOf(input));
        for (const [code, stored] of codes) {
          if (stored.kind !== 'reserved') return { kind: 'taken', code };
          if (stored.reservation.page !== input.page) return { kind: 'reserved', code, page: stored.reservation.page };
        }
        const { link, writes, arriving } = planRow(input, codes, random);
        if (arriving > 0 && !(await takeRoom(input.page, arriving))) return { kind: 'full' };
        if (await write(writes)) return { kind: 'created', link };
        if (arriving > 0) await giveBack(input.page, arriving);
      }
      return { kind: 'taken', code: input.code };
    },
    /** Replaces a link and its aliases. Returns false if the stored link is no longer `previous`, or an alias is taken. */
    replaceLink: async (link: Link, previous: Link): Promise<boolean> => {
      const added = link.aliases.filter((alias) => !previous.aliases.includes(alias));
      const arriving = added.length - (added.length === 0 ? 0 : (await findCodes(added)).size);
      if (arriving > 0 && !(await takeRoom(link.page, arriving))) return false;
      const main = { item: buildLinkItem(link), condition: isUnchanged(previous) };
      const written = await write([putOf(main), ...planAliases(link, previous)]);
      if (!written && arriving > 0) await giveBack(link.page, arriving);
      return written;
    },
    /**
     * Writes links, replacing those that exist and restoring those that were deleted. A link that moves to another page
     * gets a new id, so that its history stays with the page that it had. If a code comes twice, the last one wins.
     * @param stored what the caller has found under the codes and aliases: an item that is no longer so is not replaced
     */
    importLinks: async (
      inputs: readonly LinkInput[],
      stored?: ReadonlyMap<string, StoredCode>,
    ): Promise<ImportResult> => {
      const latest = [...new Map(inputs.map((input) => [input.code, input])).values()];
      const known = stored ?? (await findCodes(latest.flatMap(codesOf)));
      const rows = latest.map((input) => planRow(input, known, random));
      const full = new Set<string>();
      for (const [page, arrivals] of groupByPage(rows.filter(({ arriving }) => arriving > 0))) {
        const codes = arrivals.reduce((sum, { arriving }) => sum + arriving, 0);
        if (!(await takeRoom(page, codes))) for (const { link } of arrivals) full.add(link.code);
      }
      const result: ImportResult = { written: 0, busy: [], full: [...full] };
      const writable = rows.filter(({ link }) => !full.has(link.code));
      const changes = new Map<string, number>();
      function count(page: string, by: number): void {
        changes.set(page, (changes.get(page) ?? 0) + by);
      }
      await forEachConcurrently(writable, concurrentWrites, async ({ link, writes, arriving, leaves }) => {
        const written = await write(writes).catch(falseIfUnavailable);
        if (written) result.written += 1;
        else result.busy.push(link.code);
        if (written && leaves !== undefined) count(leaves.page, leaves.codes);
        if (!written && arriving > 0) count(link.page, arriving);
      });
      for (const [page, links] of changes) await giveBack(page, links);
      return result;
    },
    /** Deletes a link, and reserves its codes for its page. Returns false if the stored link is no longer this one. */
    deleteLink: (link: Link, deletedAt: string): Promise<boolean> => {
      const { code, id, page, aliases } = link;
      const main = { item: buildReservationItem({ code, id, page, deletedAt }), condition: isUnchanged(link) };
      return write([putOf(main), ...aliases.map((alias) => dropAlias(link, alias, deletedAt))]);
    },
    /** Frees a code that is reserved. Returns the reservation that it had; undefined if it had none. */
    releaseCode: async (code: string): Promise<Reservation | undefined> => {
      const stored = (await findCodes([code])).get(code);
      if (stored?.kind !== 'reserved') return undefined;
      const { reservation } = stored;
      if (!(await table.deleteIf(catalogKeys.link(code), isStill(reservation)))) return undefined;
      await giveBack(reservation.page, 1);
      return reservation;
    },
    /** Returns the ids of all links of a page, and of its deleted ones. */
    listLinkIds: async (page: string): Promise<string[]> => {
      const links = await table.listAll(listingKeys.linksOfPage(page));
      const reserved = await table.listAll(listingKeys.reservedCodes(page));
      return [...links.map((item) => parseLinkItem(item).id), ...reserved.map((item) => item['id']?.S ?? '')];
    },
  };
}

const maxAttempts = 3;
const concurrentWrites = 16;

const isCounted: Condition = { expression: 'attribute_exists(#links)' };

/** Returns `<code>~<8 characters>`: 2.8 × 10^12 ids of a code. */
function createLinkId(code: string, random: (bytes: number) => Uint8Array): string {
  return `${code}~${Array.from(random(idLength), (byte) => idAlphabet[byte % idAlphabet.length]).join('')}`;
}

const idLength = 8;
const idAlphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** @throws {DamagedItem} */
export function parseLinkItem(item: Item): Link {
  // Links of stacks before ids: their events and counters have the code.
  return parseItem(linkSchema, item['id'] === undefined && item['code'] ? { ...item, id: item['code'] } : item);
}

/** Returns undefined for the item of a deleted link. @throws {DamagedItem} */
export function parseLiveLink(item: Item): Link | undefined {
  return isReserved(item) ? undefined : parseLinkItem(item);
}

function isReserved(item: Item): boolean {
  return item['deletedAt'] !== undefined;
}

function parseCode(item: Item): [code: string, StoredCode] {
  if (isReserved(item)) {
    const reservation = parseItem(reservationSchema, item);
    return [reservation.code, { kind: 'reserved', reservation }];
  }
  const link = parseLinkItem(item);
  const alias = item['alias']?.S;
  return alias === undefined ? [link.code, { kind: 'link', link }] : [alias, { kind: 'alias', link }];
}

function codesOf({ code, aliases }: Pick<Link, 'code' | 'aliases'>): string[] {
  return [code, ...aliases];
}

export function buildLinkItem(link: Link): Item {
  return toItem({ ...link, ...catalogKeys.link(link.code), ...listingKeys.linksOfPage(link.page, link.code) });
}

/** A copy of the link under the code of an alias, and in no listing. */
function buildAliasItem(link: Link, alias: string): Item {
  return toItem({ ...link, alias, ...catalogKeys.link(alias) });
}

function buildReservationItem(reservation: Reservation): Item {
  const { code, page } = reservation;
  return toItem({ ...reservation, ...catalogKeys.link(code), ...listingKeys.reservedCodes(page, code) });
}

/** `updatedAt` is another in every version. */
export function isUnchanged({ updatedAt }: { updatedAt: string }): Condition {
  return { expression: '#updatedAt = :updatedAt', values: { updatedAt } };
}

type PutIf = Extract<Write, { kind: 'put' }> & { condition: Condition };

function putOf({ item, condition }: Omit<PutIf, 'kind'>): PutIf {
  return { kind: 'put', item, condition };
}

interface Row {
  link: Link;
  /** The link, its aliases, and those that it had. */
  writes: PutIf[];
  /** Codes that count for its page from now on. */
  arriving: number;
  /** The page that the link leaves with so many codes. */
  leaves: { page: string; codes: number } | undefined;
}

function planRow(input: LinkInput, codes: ReadonlyMap<string, StoredCode>, random: (bytes: number) => Uint8Array): Row {
  const stored = codes.get(input.code);
  const previous = stored?.kind === 'link' ? stored.link : undefined;
  const { id, page } = previous ?? (stored?.kind === 'reserved' ? stored.reservation : none);
  const stays = page === input.page;
  const link = {
    ...input,
    // A file holds no passwords: a link that is replaced stays protected.
    passwordHash: input.passwordHash ?? previous?.passwordHash ?? null,
    id: stays && id !== undefined ? id : createLinkId(input.code, random),
  };
  // Aliases that the link keeps, whether the caller looked them up or not, and codes that count for the page already.
  const kept = input.aliases.filter(
    (alias) => (stays && previous?.aliases.includes(alias) === true) || countsFor(input.page, codes.get(alias)),
  ).length;
  const moving = input.aliases.filter((alias) => previous?.aliases.includes(alias)).length;
  return {
    link,
    writes: [
      putOf({ item: buildLinkItem(link), condition: conditionOf(stored, stays) }),
      ...planAliases(link, previous),
    ],
    arriving: (stays ? 0 : 1) + input.aliases.length - kept,
    leaves: stays || page === undefined ? undefined : { page, codes: 1 + moving },
  };
}

const none = { id: undefined, page: undefined };

function countsFor(page: string, stored: StoredCode | undefined): boolean {
  return stored !== undefined && (stored.kind === 'reserved' ? stored.reservation : stored.link).page === page;
}

/** A code that is reserved for another page, or an alias, is refused by a condition that cannot hold. */
function conditionOf(stored: StoredCode | undefined, stays: boolean): Condition {
  switch (stored?.kind) {
    case 'link':
      return isUnchanged(stored.link);
    case 'reserved':
      return stays ? isStill(stored.reservation) : isNew;
    case 'alias':
    case undefined:
      return isNew;
    default:
      return stored satisfies never;
  }
}

function isStill({ deletedAt }: Reservation): Condition {
  return { expression: '#deletedAt = :deletedAt', values: { deletedAt } };
}

/** Writes the aliases of a link, and reserves those that it no longer has for the page that it had. */
function planAliases(link: Link, previous: Link | undefined): PutIf[] {
  const dropped = previous?.aliases.filter((alias) => !codesOf(link).includes(alias)) ?? [];
  // Free, reserved for the page, or the link's already.
  const condition = {
    expression:
      'attribute_not_exists(#pk) OR (attribute_exists(#deletedAt) AND #page = :page) OR (attribute_exists(#alias) AND #id = :id)',
    values: { page: link.page, id: previous?.id ?? link.id },
  };
  return [
    ...link.aliases.map((alias) => putOf({ item: buildAliasItem(link, alias), condition })),
    ...(previous ? dropped.map((alias) => dropAlias(previous, alias, link.updatedAt)) : []),
  ];
}

/** Reserves an alias for the page. A link that is created with it has a history of its own. */
function dropAlias({ id, page }: Link, alias: string, deletedAt: string): PutIf {
  const reservation = { code: alias, id: id.replace(/^[^~]+/, alias), page, deletedAt };
  return putOf({
    item: buildReservationItem(reservation),
    condition: { expression: 'attribute_exists(#alias) AND #id = :id', values: { id } },
  });
}

function groupByPage(rows: readonly Row[]): Map<string, Row[]> {
  return Map.groupBy(rows, ({ link }) => link.page);
}

function falseIfUnavailable(error: unknown): false {
  if (error instanceof StoreUnavailable) return false;
  throw error;
}
