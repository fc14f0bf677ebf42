import { remainingDeltas } from '#core/aggregate/coverage.ts';
import { byEntityAndHour, type HourDelta } from '#core/aggregate/count-events.ts';
import { type GroupPlan, planGroup, type Step } from '#core/aggregate/steps.ts';
import { startOfHour } from '#core/ledger/time-range.ts';
import { mayBeListed } from '#core/settle/closing.ts';
import { hourName } from '#core/settle/hours.ts';
import { mergeDeltas } from '#core/settle/hourly-counters.ts';
import { hourLength } from '#core/time.ts';
import { parseRawKey } from '#schemas/lake-keys.ts';
import { pack } from './compressed-json.ts';
import { fileKeys, hourKey } from './counter-items.ts';
import { createDirtyHours } from './dirty-hours.ts';
import { type FileState, readMissing, readStates } from './file-claims.ts';
import { readProgress } from './progress.ts';
import { expiring, toItem } from '../dynamodb/items.ts';
import { type Backoff, retryUntil, waitAfter } from '../dynamodb/retry.ts';
import { forEachConcurrently } from '../dynamodb/rounds.ts';
import {
  createTable,
  isNew,
  type Table,
  type TableOptions,
  TransactionRefused,
  type Write,
} from '../dynamodb/table.ts';
import { StoreUnavailable } from '../errors.ts';

/** Adds the counts of raw files to the hourly counters. */
export interface RollupWriter {
  /**
   * Adds the sum of some raw files, each exactly once, even over repeated, regrouped, concurrent and interrupted calls.
   * A file that fails does not keep others from being added.
   * @param rawKeys as many as fit into one transaction are claimed together
   */
  applyFiles: (rawKeys: readonly string[], options: ApplyOptions) => Promise<Applied>;
}

export interface ApplyOptions {
  /** Counts the events of a file that is not counted yet. */
  count: (rawKey: string) => Promise<readonly HourDelta[]>;
  /** Milliseconds since the epoch. */
  deadline: number;
}

export interface RollupWriterOptions extends TableOptions {
  backoff: Backoff;
  /** Days for which an hourly item is kept after its last write. */
  hotDays: number;
  /** Days for which claims are kept. */
  markerDays: number;
  /** Actions in one transaction. @default 100, DynamoDB's limit */
  maxActions?: number;
}

export interface Applied {
  /** Transactions and updates of counters written by this call. */
  transactions: number;
  updates: number;
  /** Files that other calls had claimed. */
  claimedBefore: number;
  /**
   * Errors of the files that are not completely added: {@link StoreUnavailable} at the deadline, {@link TransactionRefused},
   * {@link DamagedItem}, or the error of `count`.
   */
  failures: Map<string, unknown>;
}

/** Thrown if DynamoDB rejects updates for a reason that no retry fixes, such as an item above 400 KB. */
export class UpdatesRefused extends Error {
  override readonly name = 'UpdatesRefused';
}

/**
 * Creates the writer. One transaction claims a group of files, with an item per file that only one transaction can create.
 * If the group's updates fit into it, the files are counted with it. Otherwise it stores the other updates, divided into
 * later transactions that each have a marker. A call with a file of that group applies what has no marker yet; it needs
 * neither the files nor the same version of the code.
 *
 * @example
 * const rollups = createRollupWriter({ client, table, backoff, hotDays: 90, markerDays: 40 });
 * const { failures } = await rollups.applyFiles(rawKeys, { count, deadline });
 */
export function createRollupWriter(options: RollupWriterOptions): RollupWriter {
  const table = createTable(options);
  return {
    applyFiles: async (rawKeys, { count, deadline }) => {
      const applied: Applied = { transactions: 0, updates: 0, claimedBefore: 0, failures: new Map() };
      const work: Work = { table, options, deadline, applied };
      const countOnce = remember(count);
      let left = [...new Set(rawKeys)];
      for (let round = 0; left.length > 0; round++) {
        // A claim was refused. If nobody has the file after all, the next attempt is refused, too.
        if (round > 0) await options.backoff.sleep(waitAfter(round, options.backoff));
        const states = await readUntil(work, left);
        await finishGroups(work, states);
        left = await addFiles(work, await markLate(work, await countFiles(work, states, countOnce)));
      }
      return applied;
    },
  };
}

/** Keeps the counts of files that another call claimed first: a part of them may be left. */
function remember(count: ApplyOptions['count']): ApplyOptions['count'] {
  const counted = new Map<string, readonly HourDelta[]>();
  return async (key) => {
    const deltas = counted.get(key) ?? (await count(key));
    counted.set(key, deltas);
    return deltas;
  };
}

interface Work {
  table: Table;
  options: RollupWriterOptions;
  deadline: number;
  applied: Applied;
}

/** A file that is counted but not claimed. */
interface CountedFile {
  key: string;
  number: number;
  deltas: readonly HourDelta[];
}

/** Returns the files' states; none of those that cannot be read. */
async function readUntil({ table, options, deadline, applied }: Work, keys: readonly string[]) {
  const { backoff } = options;
  const states = new Map<string, FileState>();
  try {
    const retry = { deadline, backoff, what: `claims of ${keys.length} raw files` };
    for (const [key, state] of await retryUntil(retry, () => readStates(table, keys, backoff.now())))
      if (state.kind === 'damaged') applied.failures.set(key, state.error);
      else states.set(key, state);
  } catch (error) {
    fail(applied, keys, error);
  }
  return states;
}

function fail({ failures }: Applied, keys: readonly string[], error: unknown): void {
  for (const key of keys) failures.set(key, error);
}

/**
 * Applies what is missing of the groups to which claimed files belong. Leaves out hours that are settled: their final counters
 * come from the files, and an erasure may have removed what these updates would bring back.
 */
async function finishGroups(work: Work, states: ReadonlyMap<string, FileState>): Promise<void> {
  const { options, deadline, applied } = work;
  const claimed = new Map<string, string[]>();
  for (const [key, state] of states) {
    if (state.kind !== 'unclaimed') applied.claimedBefore += 1;
    if (state.kind === 'grouped') claimed.set(state.leader, [...(claimed.get(state.leader) ?? []), key]);
  }
  if (claimed.size === 0) return;
  const { backoff } = options;
  await orFail(applied, [...claimed.values()].flat(), async () => {
    const retry = { deadline, backoff, what: 'the progress of settle' };
    const through = (await retryUntil(retry, () => readProgress(options, 'settled'))) ?? 0;
    for (const [leader, keys] of claimed) await orFail(applied, keys, () => finishGroup(work, leader, through));
  });
}

/** @param through milliseconds since the epoch up to which hours are settled */
async function finishGroup(work: Work, leader: string, through: number): Promise<void> {
  const { table, options, deadline } = work;
  const retry = { deadline, backoff: options.backoff, what: `updates of ${leader}` };
  const missing = await retryUntil(retry, () => readMissing(table, leader));
  const open = [...missing.steps].map(
    ([number, steps]) => [number, steps.filter(({ hour }) => startOfHour(hour) + hourLength > through)] as const,
  );
  await addLater(work, leader, new Map(open));
  if (missing.damaged) throw missing.damaged;
}

async function orFail(applied: Applied, keys: readonly string[], work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    fail(applied, keys, error);
  }
}

const readsAtOnce = 8;

/** Counts the unclaimed files. */
async function countFiles(
  { applied }: Work,
  states: ReadonlyMap<string, FileState>,
  count: ApplyOptions['count'],
): Promise<CountedFile[]> {
  const files: CountedFile[] = [];
  await forEachConcurrently([...states], readsAtOnce, async ([key, state]) => {
    if (state.kind !== 'unclaimed') return;
    await orFail(applied, [key], async () => {
      const deltas = await count(key);
      files.push({ key, number: state.number, deltas: remainingDeltas(deltas, state.done) });
    });
  });
  return files;
}

/**
 * Marks the hours of files that settle may not have listed. Before the claims: a call that ends in between leaves a mark too
 * many. Returns the files that may be claimed: those of a mark that could not be written stay on the queue.
 */
async function markLate({ options, deadline, applied }: Work, files: readonly CountedFile[]): Promise<CountedFile[]> {
  const { backoff } = options;
  const dirty = createDirtyHours(options);
  const ready: CountedFile[] = [];
  for (const [hour, group] of Map.groupBy(files, ({ key }) => lateHourOf(key, backoff.now())))
    await orFail(applied, keysOf(group), async () => {
      const retry = { deadline, backoff, what: `the mark of ${hour}` };
      if (hour !== undefined) await retryUntil(retry, () => dirty.mark(hour));
      ready.push(...group);
    });
  return ready.toSorted(byKey);
}

function lateHourOf(rawKey: string, now: number): string | undefined {
  const hour = parseRawKey(rawKey);
  return hour && mayBeListed(hour, now) ? hourName(hour) : undefined;
}

function keysOf(files: readonly CountedFile[]): string[] {
  return files.map(({ key }) => key);
}

function byKey(one: CountedFile, other: CountedFile): number {
  return one.key < other.key ? -1 : 1;
}

/** Adds unclaimed files. Returns the keys of those that another call may have claimed in the meantime. */
async function addFiles(work: Work, files: readonly CountedFile[]): Promise<string[]> {
  const { options, applied } = work;
  const [leader] = files;
  if (leader === undefined) return [];
  const keys = keysOf(files);
  const deltas = mergeDeltas(files.flatMap((file) => file.deltas));
  const plan = planGroup([...deltas.values()].toSorted(byEntityAndHour), files.length, options.maxActions);
  try {
    if (plan === undefined) throw new UpdatesRefused(`${leader.key} has more counters than one group can add`);
    if (!(await claimFiles(work, files, plan))) return keys;
  } catch (error) {
    // The refused update may be of one file only.
    if (error instanceof UpdatesRefused && files.length > 1) return addHalves(work, files);
    fail(applied, keys, error);
    return [];
  }
  const later = new Map(plan.later.map((steps, at) => [at, steps]));
  await orFail(applied, keys, () => addLater(work, leader.key, later));
  return [];
}

async function addHalves(work: Work, files: readonly CountedFile[]): Promise<string[]> {
  const half = Math.ceil(files.length / 2);
  const contested = await addFiles(work, files.slice(0, half));
  return [...contested, ...(await addFiles(work, files.slice(half)))];
}

/** Returns false, having written nothing, when one of the files has a claim. */
function claimFiles(work: Work, files: readonly CountedFile[], { first, later }: GroupPlan): Promise<boolean> {
  const expires = expiring(work.options.backoff.now(), work.options.markerDays);
  const leader = files[0]?.key ?? '';
  const group = later.length > 0 ? { leader } : {};
  const claims = files.map(({ key, number }) => ({ ...fileKeys.claim(key, number), ...group, ...expires }));
  const stored = later.map((steps, at) => ({ ...fileKeys.updates(leader, at), updates: pack(steps), ...expires }));
  const puts = [...claims, ...stored].map((item): Write => ({ kind: 'put', item: toItem(item), condition: isNew }));
  return transact(work, { what: `group of ${leader}`, puts, steps: first });
}

/** Applies later transactions of a group, by number. A refused one does not keep the others from being applied. */
async function addLater(work: Work, leader: string, later: ReadonlyMap<number, readonly Step[]>): Promise<void> {
  let refused: UpdatesRefused | undefined;
  for (const [number, steps] of later) {
    const marker = {
      ...fileKeys.added(leader, number),
      ...expiring(work.options.backoff.now(), work.options.markerDays),
    };
    const puts: Write[] = [{ kind: 'put', item: toItem(marker), condition: isNew }];
    try {
      // Without effect where another call was faster.
      await transact(work, { what: `updates ${number} of ${leader}`, puts, steps });
    } catch (error) {
      if (!(error instanceof UpdatesRefused)) throw error;
      refused = error;
    }
  }
  if (refused) throw refused;
}

interface Transaction {
  what: string;
  puts: readonly Write[];
  steps: readonly Step[];
}

/** Returns false when a condition does not hold. @throws {StoreUnavailable} {@link UpdatesRefused} */
async function transact(
  { table, options, deadline, applied }: Work,
  { what, puts, steps }: Transaction,
): Promise<boolean> {
  const { backoff, hotDays } = options;
  if (backoff.now() >= deadline) throw new StoreUnavailable(`${what}: not written at the deadline`);
  const set = expiring(backoff.now(), hotDays);
  const updates = steps.map(
    ({ entity, hour, add }): Write => ({
      kind: 'update',
      key: { pk: entity, sk: hourKey(hour) },
      change: { add, set },
    }),
  );
  try {
    const retry = { deadline, backoff, what };
    const written = await retryUntil(retry, () => table.transact([...puts, ...updates], { idempotent: true }));
    applied.transactions += written ? 1 : 0;
    applied.updates += written ? steps.length : 0;
    return written;
  } catch (cause) {
    if (!(cause instanceof TransactionRefused)) throw cause;
    throw new UpdatesRefused(`${what}: ${cause.message}`, { cause });
  }
}
