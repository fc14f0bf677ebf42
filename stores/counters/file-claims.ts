import { z } from 'zod';
import { type Coverage, decodeCoverage } from '#core/aggregate/coverage.ts';
import type { Step } from '#core/aggregate/steps.ts';
import { unpack } from './compressed-json.ts';
import { fileKeys, parseHourKey } from './counter-items.ts';
import { isLive, parseItem } from '../dynamodb/items.ts';
import { type Item, keyOf, type Table } from '../dynamodb/table.ts';
import { DamagedItem } from '../errors.ts';

/** How far a raw file is counted. */
export type FileState =
  /** Its claim is to be written with this number. Versions before merged groups may have added a part of it. */
  | { kind: 'unclaimed'; number: number; done: Coverage[] }
  /** All of it was added with its claim. */
  | { kind: 'counted' }
  /** It was claimed for a group, whose later transactions may be missing. */
  | { kind: 'grouped'; leader: string }
  | { kind: 'damaged'; error: DamagedItem };

const claimSchema = z.object({ leader: z.string().optional(), covers: z.instanceof(Uint8Array).optional() });

/** Reads the states of raw files, by key. @throws {StoreUnavailable} */
export async function readStates(
  table: Table,
  rawKeys: readonly string[],
  now: number,
): Promise<Map<string, FileState>> {
  const claims = await table.batchGet(
    rawKeys.map((key) => fileKeys.claim(key)),
    { consistent: true },
  );
  const byPartition = new Map(claims.map((item) => [keyOf(item).pk, item]));
  const states = new Map<string, FileState>();
  for (const key of rawKeys) {
    const item = byPartition.get(fileKeys.partition(key));
    states.set(key, item ? await toState(table, key, item, now) : { kind: 'unclaimed', number: 0, done: [] });
  }
  return states;
}

async function toState(table: Table, rawKey: string, first: Item, now: number): Promise<FileState> {
  try {
    if (!('covers' in first)) return stateOfClaim(first, now);
    const items = await table.query({ pk: fileKeys.partition(rawKey), prefix: 'c#' });
    const claim = items.find((item) => !('covers' in item));
    if (claim) return stateOfClaim(claim, now);
    // Some of the markers may be gone: a claim with the number of another is refused.
    const number = Math.max(...items.map(numberOf)) + 1;
    return { kind: 'unclaimed', number, done: items.map(parseCoverage) };
  } catch (error) {
    if (error instanceof DamagedItem) return { kind: 'damaged', error };
    throw error;
  }
}

/** Returns the number in the sort key of a claim, of updates or of a marker. */
function numberOf(item: Item): number {
  return Number(keyOf(item).sk.split('#')[1]);
}

/** The items of a group expire with its claims: what is left of them then says nothing. */
function stateOfClaim(item: Item, now: number): FileState {
  const { leader } = parseItem(claimSchema, item);
  return leader === undefined || !isLive(item, now) ? { kind: 'counted' } : { kind: 'grouped', leader };
}

function parseCoverage(item: Item): Coverage {
  const { covers } = parseItem(claimSchema, item);
  try {
    if (covers === undefined) throw new TypeError('it has no attribute "covers"');
    const byHour = Object.entries(decodeCoverage(covers));
    return Object.fromEntries(byHour.map(([hour, entities]) => [parseHourKey(hour), entities]));
  } catch (cause) {
    throw new DamagedItem(`marker ${keyOf(item).sk} of ${keyOf(item).pk} cannot be read`, { cause });
  }
}

const updatesSchema = z.object({ updates: z.instanceof(Uint8Array) });
const stepsSchema = z.array(
  z.object({ entity: z.string(), hour: z.string(), add: z.record(z.string(), z.int().positive()) }),
);

/** The later transactions of a group that are not applied yet, by number, and the error of one that cannot be read. */
export interface MissingUpdates {
  steps: Map<number, Step[]>;
  damaged: DamagedItem | undefined;
}

/** @throws {StoreUnavailable} */
export async function readMissing(table: Table, leader: string): Promise<MissingUpdates> {
  const items = await table.query({ pk: fileKeys.partition(leader) });
  const present = new Set(items.map((item) => keyOf(item).sk));
  const missing: MissingUpdates = { steps: new Map(), damaged: undefined };
  for (const item of items) {
    const number = numberOf(item);
    if (!keyOf(item).sk.startsWith('u#') || present.has(fileKeys.added(leader, number).sk)) continue;
    try {
      missing.steps.set(number, parseUpdates(item));
    } catch (error) {
      if (!(error instanceof DamagedItem)) throw error;
      missing.damaged = error;
    }
  }
  return missing;
}

function parseUpdates(item: Item): Step[] {
  const { updates } = parseItem(updatesSchema, item);
  try {
    return stepsSchema.parse(unpack(updates));
  } catch (cause) {
    throw new DamagedItem(`updates ${keyOf(item).sk} of ${keyOf(item).pk} cannot be read`, { cause });
  }
}
