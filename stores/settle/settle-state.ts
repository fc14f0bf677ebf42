import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { tombstoneKinds } from '#core/settle/tombstone.ts';
import { parseHourName, type UtcHour } from '#core/settle/hours.ts';
import { ruleFieldNames } from '#schemas/dimensions.ts';
import { outcomes } from '#schemas/event.ts';
import { reclassifiedSuffix, settleKeys } from './settle-keys.ts';
import { parseItem, toItem } from '../dynamodb/items.ts';
import { forEachConcurrently } from '../dynamodb/rounds.ts';
import { type Condition, createTable, keyOf, type Table, type TableOptions } from '../dynamodb/table.ts';

/** Another settle holds the lease, or took it over from this one. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

const hourRecordSchema = z.object({
  dt: z.string(),
  hr: z.string(),
  /** Folder that is present. */
  run: z.string(),
  /** Folder that it replaced; `none` for the first. */
  previous: z.string(),
  /** See `core/settle/dirty.ts`. */
  listing: z.string(),
  head: z.string(),
  tail: z.string(),
  /** Distinct events in the run. */
  events: z.number(),
  files: z.number(),
  localDates: z.array(z.string()),
  /** Files without which it settled: `key: reason`. */
  unreadable: z.array(z.string()),
  /** Erasure took rows out: its raw files and other runs are deleted when its items are final. */
  purge: z.boolean(),
  /** Arrivals that erasures took out. The edge received them, so they are not lost. */
  erased: z.number().default(0),
  /** Milliseconds since the epoch. */
  settledAt: z.number(),
});
/** The present run of one hour. */
export type HourRecord = z.infer<typeof hourRecordSchema>;

const partitionRecordSchema = z.object({
  run: z.string(),
  /** Zones whose local date had ended when it was computed; empty for a UTC date. */
  zones: z.array(z.string()),
});
/** The present run of a materialised view's partition. */
export type PartitionRecord = z.infer<typeof partitionRecordSchema>;

const tombstoneSchema = z.object({
  hash: z.string(),
  kind: z.enum(tombstoneKinds),
  /** First and last UTC date of an import. */
  dates: z.object({ first: z.string(), last: z.string() }).exactOptional(),
  /** Whether all dates of an import have been marked since: settle has taken the rows out of those that have no mark any more. */
  marked: z.boolean().exactOptional(),
  createdAt: z.number(),
});
export type Tombstone = z.infer<typeof tombstoneSchema>;

const ruleSchema = z.object({
  id: z.string(),
  page: z.string().nullable(),
  field: z.enum(ruleFieldNames),
  value: z.string(),
  outcome: z.enum(outcomes),
  /** Its past is being settled again, or it is being taken back. */
  state: z.enum(['pending', 'applied', 'removed']),
  /** First and last hour that were marked for its present state; absent until settle has looked them up. */
  marked: z.object({ first: z.string(), last: z.string() }).optional(),
});
export type RuleRecord = z.infer<typeof ruleSchema>;

/** What is begun and not finished, and hours that were marked to settle again. */
export interface Work extends WorkLists {
  /** Hours that must settle again whatever their listing says. */
  forced: UtcHour[];
  /** The mark of each of these hours, by its name. */
  marks: ReadonlyMap<string, string>;
  /** Hours whose referrers must be classified again, with their marks, by name. */
  reclassify: ReadonlyMap<string, string>;
}

/** What is begun and not finished. */
export interface WorkLists {
  /** Hours committed whose items are not all final. */
  hours: UtcHour[];
  /** UTC dates whose traffic is older than their hours. */
  traffic: string[];
  /** Local dates whose items and views are older than their hours. */
  dates: string[];
  /** Local dates computed before they had ended in every zone. */
  open: string[];
  /** Local dates whose measures of metrics are older than their items. */
  metrics: string[];
}
export type WorkList = keyof WorkLists;

export interface SettleState {
  /** False when another settle holds it. */
  acquire: (owner: string, milliseconds: number) => Promise<boolean>;
  /** @throws {LeaseLost} */
  renew: (owner: string, milliseconds: number) => Promise<void>;
  release: (owner: string) => Promise<void>;
  hour: (hour: UtcHour) => Promise<HourRecord | undefined>;
  hoursOfDate: (dt: string) => Promise<HourRecord[]>;
  /** False when the present run is not the record's `previous`: another settle was faster. */
  commitHour: (record: HourRecord) => Promise<boolean>;
  deleteHour: (hour: UtcHour) => Promise<void>;
  partition: (table: string, dt: string) => Promise<PartitionRecord | undefined>;
  partitions: (table: string) => Promise<({ dt: string } & PartitionRecord)[]>;
  putPartition: (table: string, dt: string, record: PartitionRecord) => Promise<void>;
  work: () => Promise<Work>;
  /** Reads less than `work`. */
  workLists: () => Promise<WorkLists>;
  addWork: (set: WorkList, names: readonly string[]) => Promise<void>;
  removeWork: (set: WorkList, names: readonly string[]) => Promise<void>;
  /** Marks hours to settle again, and to classify their referrers again. */
  mark: (names: readonly string[], options?: { reclassify: boolean }) => Promise<void>;
  /** Removes the mark of an hour, unless the hour was marked again meanwhile. */
  unmark: (name: string, mark: string) => Promise<void>;
  /** The same for its mark of {@link Work.reclassify}. */
  unmarkReclassified: (name: string, mark: string) => Promise<void>;
  /** Milliseconds since the epoch up to which every hour is settled. */
  watermark: () => Promise<number | undefined>;
  /** Never moves back. */
  advance: (watermark: number) => Promise<void>;
  tombstones: () => Promise<Tombstone[]>;
  putTombstone: (tombstone: Tombstone) => Promise<void>;
  deleteTombstone: (hash: string) => Promise<void>;
  rules: () => Promise<RuleRecord[]>;
  putRule: (rule: RuleRecord) => Promise<void>;
  /** Remembers which hours were marked for a rule, unless its state has changed meanwhile. */
  markRule: (rule: Pick<RuleRecord, 'id' | 'state'>, marked: RuleRecord['marked']) => Promise<void>;
  /** Makes a pending rule an applied one, unless it was removed meanwhile. */
  confirmRule: (id: string) => Promise<void>;
  deleteRule: (id: string) => Promise<void>;
}

export interface SettleStateOptions extends TableOptions {
  now: () => number;
}

/** Settle's memory in the catalog: lease, runs, unfinished work, tombstones and rules. Reads are consistent. */
export function createSettleState(options: SettleStateOptions): SettleState {
  const db = createTable(options);
  return {
    ...leaseOf(options, db),
    ...hoursOf(db),
    ...workOf(db),
    ...watermarkOf(db),
    partition: async (table, dt) => {
      const key = settleKeys.partition(table, dt);
      const item = await db.get(key);
      return item && parseItem(partitionRecordSchema, item);
    },
    partitions: async (table) =>
      (await db.query({ pk: settleKeys.partition(table, '').pk })).map((item) => ({
        dt: keyOf(item).sk,
        ...parseItem(partitionRecordSchema, item),
      })),
    putPartition: (table, dt, record) => db.put(toItem({ ...settleKeys.partition(table, dt), ...record })),
    tombstones: listOf(db, settleKeys.tombstone('').pk, tombstoneSchema),
    putTombstone: (tombstone) => db.put(toItem({ ...settleKeys.tombstone(tombstone.hash), ...tombstone })),
    deleteTombstone: (hash) => db.delete(settleKeys.tombstone(hash)),
    rules: listOf(db, settleKeys.rule('').pk, ruleSchema),
    putRule: (rule) => db.put(toItem({ ...settleKeys.rule(rule.id), ...rule })),
    markRule: async ({ id, state }, marked) => {
      await db.updateIf(settleKeys.rule(id), { set: { marked } }, isInState(state));
    },
    confirmRule: async (id) => {
      await db.updateIf(settleKeys.rule(id), { set: { state: 'applied' }, remove: ['marked'] }, isInState('pending'));
    },
    deleteRule: (id) => db.delete(settleKeys.rule(id)),
  };
}

function isInState(state: RuleRecord['state']): Condition {
  return { expression: '#state = :state', values: { state } };
}

function leaseOf({ now }: SettleStateOptions, db: Table) {
  function holdUntil(owner: string, heldUntil: number): Promise<boolean> {
    return db.updateIf(settleKeys.lease, { set: { heldUntil } }, { expression: '#owner = :owner', values: { owner } });
  }
  return {
    acquire: (owner: string, milliseconds: number): Promise<boolean> =>
      db.putIf(toItem({ ...settleKeys.lease, owner, heldUntil: now() + milliseconds }), {
        expression: 'attribute_not_exists(#heldUntil) OR #heldUntil < :now',
        values: { now: now() },
      }),
    renew: async (owner: string, milliseconds: number): Promise<void> => {
      if (!(await holdUntil(owner, now() + milliseconds)))
        throw new LeaseLost(`${owner} no longer holds the lease of settle`);
    },
    release: async (owner: string): Promise<void> => {
      // False: another settle took the lease over, and it releases it.
      await holdUntil(owner, 0);
    },
  };
}

function hoursOf(db: Table) {
  return {
    hour: async (hour: UtcHour): Promise<HourRecord | undefined> => {
      const item = await db.get(settleKeys.hour(hour));
      return item && parseItem(hourRecordSchema, item);
    },
    hoursOfDate: async (dt: string): Promise<HourRecord[]> => {
      const items = await db.query({ pk: settleKeys.hour({ dt, hr: '' }).pk });
      return items.map((item) => parseItem(hourRecordSchema, item));
    },
    commitHour: (record: HourRecord): Promise<boolean> =>
      db.putIf(toItem({ ...settleKeys.hour(record), ...record }), {
        expression: 'attribute_not_exists(#pk) OR #run = :previous',
        values: { previous: record.previous },
      }),
    deleteHour: (hour: UtcHour): Promise<void> => db.delete(settleKeys.hour(hour)),
  };
}

const setSchema = z.set(z.string()).optional();

const workSchema = z.object({
  hours: setSchema,
  /** Marks of versions that kept them in this item. */
  forced: setSchema,
  traffic: setSchema,
  dates: setSchema,
  open: setSchema,
  metrics: setSchema,
});

const writeConcurrency = 16;

/** One item holds all lists but `forced`: a rule or a rebuild marks any number of hours, and an item ends at 400 KB. */
function workOf(db: Table) {
  /** Reads the marks of hours, by name; those for referrers have a suffix. */
  async function readMarks(): Promise<[string, string][]> {
    const { pk, sk: prefix } = settleKeys.forced('');
    const items = await db.query({ pk, prefix });
    return items.map((item) => [keyOf(item).sk.slice(prefix.length), item['mark']?.S ?? '']);
  }
  async function readItem() {
    const item = await db.get(settleKeys.work);
    return item ? parseItem(workSchema, item) : {};
  }
  return {
    workLists: async () => toLists(await readItem()),
    work: async (): Promise<Work> => {
      const [found, items] = await Promise.all([readItem(), readMarks()]);
      const { referrers = [], hours = [] } = Object.groupBy(items, ([name]) =>
        name.endsWith(reclassifiedSuffix) ? 'referrers' : 'hours',
      );
      const marks = new Map([...sorted(found.forced).map((name) => [name, ''] as const), ...hours]);
      return {
        ...toLists(found),
        forced: [...marks.keys()].toSorted().map(parseHourName),
        marks,
        reclassify: new Map(referrers.map(([name, mark]) => [name.slice(0, -reclassifiedSuffix.length), mark])),
      };
    },
    addWork: async (list: WorkList, names: readonly string[]): Promise<void> => {
      if (names.length > 0) await db.update(settleKeys.work, { add: { [list]: new Set(names) } });
    },
    removeWork: async (list: WorkList, names: readonly string[]): Promise<void> => {
      if (names.length > 0) await db.update(settleKeys.work, { subtract: { [list]: new Set(names) } });
    },
    mark: async (names: readonly string[], options?: { reclassify: boolean }): Promise<void> => {
      const mark = randomUUID();
      await forEachConcurrently(names, writeConcurrency, async (name) => {
        // An item of its own: an erasure that marks the hour again must not undo it.
        if (options?.reclassify) await db.put(toItem({ ...settleKeys.reclassified(name), mark }));
        await db.put(toItem({ ...settleKeys.forced(name), mark }));
      });
    },
    unmark: async (name: string, mark: string): Promise<void> => {
      if (mark === '') await db.update(settleKeys.work, { subtract: { forced: new Set([name]) } });
      else await db.deleteIf(settleKeys.forced(name), { expression: '#mark = :mark', values: { mark } });
    },
    unmarkReclassified: async (name: string, mark: string): Promise<void> => {
      await db.deleteIf(settleKeys.reclassified(name), { expression: '#mark = :mark', values: { mark } });
    },
  };
}

function toLists({ hours, traffic, dates, open, metrics }: z.infer<typeof workSchema>): WorkLists {
  return {
    hours: sorted(hours).map(parseHourName),
    traffic: sorted(traffic),
    dates: sorted(dates),
    open: sorted(open),
    metrics: sorted(metrics),
  };
}

function sorted(set: ReadonlySet<string> | undefined): string[] {
  return [...(set ?? [])].sort();
}

function watermarkOf(db: Table) {
  return {
    watermark: async (): Promise<number | undefined> => {
      const item = await db.get(settleKeys.watermark);
      return item && parseItem(z.object({ at: z.number() }), item).at;
    },
    advance: async (watermark: number): Promise<void> => {
      await db.putIf(toItem({ ...settleKeys.watermark, at: watermark }), {
        expression: 'attribute_not_exists(#at) OR #at < :at',
        values: { at: watermark },
      });
    },
  };
}

function listOf<T>(db: Table, pk: string, schema: z.ZodType<T>) {
  return async (): Promise<T[]> => (await db.query({ pk })).map((item) => parseItem(schema, item));
}
