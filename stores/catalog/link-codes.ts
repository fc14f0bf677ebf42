import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Link, type LinkInput, linkSchema } from '#schemas/catalog.ts';
import { linksOfPageLimit } from '#schemas/catalog-rules.ts';
import { parseItem, toItem } from '../dynamodb/items.ts';
import { forEachConcurrently } from '../dynamodb/rounds.ts';
import { type Condition, isNew, type Item, type Table } from '../dynamodb/table.ts';
import { StoreUnavailable } from '../errors.ts';
import { catalogKeys, listingKeys } from './catalog-keys.ts';

const reservationSchema = z.object({ code: z.string(), id: z.string(), page: z.string(), deletedAt: z.string() });
/** A deleted link's code, which stays reserved for its page. */
export type Reservation = z.infer<typeof reservationSchema>;

/** What the catalog holds under a code. */
export type StoredCode = { kind: 'link'; link: Link } | { kind: 'reserved'; reservation: Reservation };

export type LinkCreation =
  | { kind: 'created'; link: Link }
  /** A link has the code. */
  | { kind: 'taken' }
  /** The code is reserved for another page. */
  | { kind: 'reserved'; page: string }
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
 */
export function createLinkCodes({ table, random = randomBytes }: LinkCodesOptions) {
  async function readCode(code: string): Promise<StoredCode | undefined> {
    const item = await table.get(catalogKeys.link(code));
    return item && parseCode(item);
  }

  /** Counts the links of a page that has no count yet, as in a stack of an older version. Returns whether it was missing. */
  async function startCount(page: string): Promise<boolean> {
    const key = catalogKeys.linkCount(page);
    if ((await table.get(key)) !== undefined) return false;
    const links = await table.listAll(listingKeys.linksOfPage(page));
    const reserved = await table.listAll(listingKeys.reservedCodes(page));
    await table.putIf(toItem({ ...key, links: links.length + reserved.length }), isNew);
    return true;
  }

  /**
   * Adds links to the count of a page, before they are written: what is interrupted in between stays counted. Returns false
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
    const found = (await table.batchGet(keys, { consistent: true })).map(parseCode);
    return new Map(found.map((stored) => [codeOf(stored), stored]));
  }

  return {
    /** Returns what is stored under the codes that are not free. */
    findCodes,
    /** Stores a new link, if its code is free or reserved for its page. */
    createLink: async (input: LinkInput): Promise<LinkCreation> => {
      for (let attempt = 0; attempt < maxAttempts; attempt++) {
        const stored = await readCode(input.code);
        if (stored?.kind === 'link') return { kind: 'taken' };
        if (stored !== undefined && stored.reservation.page !== input.page)
          return { kind: 'reserved', page: stored.reservation.page };
        if (stored === undefined && !(await takeRoom(input.page, 1))) return { kind: 'full' };
        const { link, condition } = planRow(input, stored, random);
        if (await table.putIf(buildLinkItem(link), condition)) return { kind: 'created', link };
        if (stored === undefined) await giveBack(input.page, 1);
      }
      return { kind: 'taken' };
    },
    /**
     * Writes links, replacing those that exist and restoring those that were deleted. A link that moves to another page
     * gets a new id, so that its history stays with the page that it had. If a code comes twice, the last one wins.
     * @param stored what the caller has found under the codes: an item that is no longer so is not replaced
     */
    importLinks: async (
      inputs: readonly LinkInput[],
      stored?: ReadonlyMap<string, StoredCode>,
    ): Promise<ImportResult> => {
      const latest = [...new Map(inputs.map((input) => [input.code, input])).values()];
      const known = stored ?? (await findCodes(latest.map(({ code }) => code)));
      const rows = latest.map((input) => planRow(input, known.get(input.code), random));
      const full = new Set<string>();
      for (const [page, arriving] of groupByPage(rows.filter((row) => row.arrives)))
        if (!(await takeRoom(page, arriving.length))) for (const { link } of arriving) full.add(link.code);
      const result: ImportResult = { written: 0, busy: [], full: [...full] };
      const writable = rows.filter(({ link }) => !full.has(link.code));
      const changes = new Map<string, number>();
      function count(page: string, by: number): void {
        changes.set(page, (changes.get(page) ?? 0) + by);
      }
      await forEachConcurrently(writable, concurrentWrites, async ({ link, condition, arrives, leaves }) => {
        const written = await table.putIf(buildLinkItem(link), condition).catch(falseIfUnavailable);
        if (written) result.written += 1;
        else result.busy.push(link.code);
        if (written && leaves !== undefined) count(leaves, 1);
        if (!written && arrives) count(link.page, 1);
      });
      for (const [page, links] of changes) await giveBack(page, links);
      return result;
    },
    /** Deletes a link, and reserves its code for its page. Returns false if the stored link is no longer this one. */
    deleteLink: (link: Link, deletedAt: string): Promise<boolean> =>
      table.putIf(
        buildReservationItem({ code: link.code, id: link.id, page: link.page, deletedAt }),
        isUnchanged(link),
      ),
    /** Frees a code that is reserved. Returns the reservation that it had; undefined if it had none. */
    releaseCode: async (code: string): Promise<Reservation | undefined> => {
      const stored = await readCode(code);
      if (stored?.kind !== 'reserved') return undefined;
      const { reservation } = stored;
      if (!(await table.deleteIf(catalogKeys.link(code), isStill(stored)))) return undefined;
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

function parseCode(item: Item): StoredCode {
  return isReserved(item)
    ? { kind: 'reserved', reservation: parseItem(reservationSchema, item) }
    : { kind: 'link', link: parseLinkItem(item) };
}

function codeOf(stored: StoredCode): string {
  return stored.kind === 'link' ? stored.link.code : stored.reservation.code;
}

export function buildLinkItem(link: Link): Item {
  return toItem({ ...link, ...catalogKeys.link(link.code), ...listingKeys.linksOfPage(link.page, link.code) });
}

function buildReservationItem(reservation: Reservation): Item {
  const { code, page } = reservation;
  return toItem({ ...reservation, ...catalogKeys.link(code), ...listingKeys.reservedCodes(page, code) });
}

/** `updatedAt` is another in every version. */
export function isUnchanged({ updatedAt }: { updatedAt: string }): Condition {
  return { expression: '#updatedAt = :updatedAt', values: { updatedAt } };
}

function isStill(stored: StoredCode): Condition {
  if (stored.kind === 'link') return isUnchanged(stored.link);
  const { deletedAt } = stored.reservation;
  return { expression: '#deletedAt = :deletedAt', values: { deletedAt } };
}

interface Row {
  link: Link;
  condition: Condition;
  /** Whether the link counts for its page from now on. */
  arrives: boolean;
  /** The page that it leaves. */
  leaves: string | undefined;
}

function planRow(input: LinkInput, stored: StoredCode | undefined, random: (bytes: number) => Uint8Array): Row {
  const { id, page } = stored === undefined ? none : stored.kind === 'link' ? stored.link : stored.reservation;
  const stays = page === input.page;
  // A file holds no passwords: a link that is replaced stays protected.
  const passwordHash = input.passwordHash ?? (stored?.kind === 'link' ? stored.link.passwordHash : null);
  return {
    link: { ...input, passwordHash, id: stays && id !== undefined ? id : createLinkId(input.code, random) },
    // A code that is reserved for another page is refused by a condition that cannot hold.
    condition: stored === undefined || (stored.kind === 'reserved' && !stays) ? isNew : isStill(stored),
    arrives: !stays,
    leaves: stays ? undefined : page,
  };
}

const none = { id: undefined, page: undefined };

function groupByPage(rows: readonly Row[]): Map<string, Row[]> {
  return Map.groupBy(rows, ({ link }) => link.page);
}

function falseIfUnavailable(error: unknown): false {
  if (error instanceof StoreUnavailable) return false;
  throw error;
}
