import { z } from 'zod';
import { tombstoneKinds } from '#core/settle/tombstone.ts';
import { parseHourName, type UtcHour } from '#core/settle/hours.ts';
import { ruleFieldNames } from '#schemas/rule-fields.ts';
import { outcomes } from '#schemas/event.ts';
import { settleKeys } from './settle-keys.ts';
import {
  createSettleTable,
  isRefused,
  parseItem,
  type SettleTable,
  type SettleTableOptions,
} from '../dynamodb/settle-table.ts';

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
});
export type RuleRecord = z.infer<typeof ruleSchema>;

/** What is begun and not finished. */
export interface Work {
  /** Hours committed whose items are not all final. */
  hours: UtcHour[];
  /** Hours that must settle again whatever their listing says. */
  forced: UtcHour[];
  /** UTC dates whose traffic is older than their hours. */
  traffic: string[];
  /** Local dates whose items and views are older than their hours. */
  dates: string[];
  /** Local dates computed before they had ended in every zone. */
  open: string[];
}
export type WorkList = keyof Work;

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
  addWork: (set: WorkList, names: readonly string[]) => Promise<void>;
  removeWork: (set: WorkList, names: readonly string[]) => Promise<void>;
  /** Milliseconds since the epoch up to which every hour is settled. */
  watermark: () => Promise<number | undefined>;
  /** Never moves back. */
  advance: (watermark: number) => Promise<void>;
  tombstones: () => Promise<Tombstone[]>;
  putTombstone: (tombstone: Tombstone) => Promise<void>;
  deleteTombstone: (hash: string) => Promise<void>;
  rules: () => Promise<RuleRecord[]>;
  putRule: (rule: RuleRecord) => Promise<void>;
  /** Makes a pending rule an applied one, unless it was removed meanwhile. */
  confirmRule: (id: string) => Promise<void>;
  deleteRule: (id: string) => Promise<void>;
}

/** Settle's memory in the catalog: lease, runs, unfinished work, tombstones and rules. Reads are consistent. */
export function createSettleState(options: SettleTableOptions): SettleState {
  const db = createSettleTable(options);
  function partitionPk(table: string): string {
    return settleKeys.partition(table, '').pk;
  }
  return {
    ...leaseOf(options, db),
    ...hoursOf(db),
    ...workOf(db),
    ...watermarkOf(db),
    partition: async (table, dt) => {
      const key = settleKeys.partition(table, dt);
      const item = await db.get(key);
      return item && parseItem(partitionRecordSchema, item, key);
    },
    partitions: async (table) =>
      (await db.list(partitionPk(table))).map((item) => ({
        dt: String(item['sk']),
        ...parseItem(partitionRecordSchema, item, { pk: partitionPk(table), sk: String(item['sk']) }),
      })),
    putPartition: async (table, dt, record) => {
      await db.put(settleKeys.partition(table, dt), record);
    },
    tombstones: listOf(db, settleKeys.tombstone('').pk, tombstoneSchema),
    putTombstone: async (tombstone) => {
      await db.put(settleKeys.tombstone(tombstone.hash), tombstone);
    },
    deleteTombstone: async (hash) => {
      await db.remove(settleKeys.tombstone(hash));
    },
    rules: listOf(db, settleKeys.rule('').pk, ruleSchema),
    putRule: async (rule) => {
      await db.put(settleKeys.rule(rule.id), rule);
    },
    confirmRule: async (id) => {
      try {
        await db.update(
          settleKeys.rule(id),
          'SET #state = :applied',
          { ':applied': 'applied', ':pending': 'pending' },
          { '#state': 'state' },
          '#state = :pending',
        );
      } catch (error) {
        if (!isRefused(error)) throw error;
      }
    },
    deleteRule: async (id) => {
      await db.remove(settleKeys.rule(id));
    },
  };
}

function leaseOf({ now }: SettleTableOptions, db: SettleTable) {
  return {
    acquire: async (owner: string, milliseconds: number): Promise<boolean> => {
      try {
        await db.put(
          settleKeys.lease,
          { owner, heldUntil: now() + milliseconds },
          {
            expression: 'attribute_not_exists(#until) OR #until < :now',
            values: { ':now': now() },
            names: { '#until': 'heldUntil' },
          },
        );
        return true;
      } catch (error) {
        if (isRefused(error)) return false;
        throw error;
      }
    },
    renew: async (owner: string, milliseconds: number): Promise<void> => {
      try {
        await db.update(
          settleKeys.lease,
          'SET #until = :until',
          { ':until': now() + milliseconds, ':owner': owner },
          { '#until': 'heldUntil', '#owner': 'owner' },
          '#owner = :owner',
        );
      } catch (cause) {
        if (isRefused(cause)) throw new LeaseLost(`${owner} no longer holds the lease of settle`, { cause });
        throw cause;
      }
    },
    release: async (owner: string): Promise<void> => {
      try {
        await db.update(
          settleKeys.lease,
          'SET #until = :until',
          { ':until': 0, ':owner': owner },
          { '#until': 'heldUntil', '#owner': 'owner' },
          '#owner = :owner',
        );
      } catch (error) {
        // Taken over: it is another's to release.
        if (!isRefused(error)) throw error;
      }
    },
  };
}

function hoursOf(db: SettleTable) {
  return {
    hour: async (hour: UtcHour): Promise<HourRecord | undefined> => {
      const key = settleKeys.hour(hour);
      const item = await db.get(key);
      return item && parseItem(hourRecordSchema, item, key);
    },
    hoursOfDate: async (dt: string): Promise<HourRecord[]> => {
      const { pk } = settleKeys.hour({ dt, hr: '' });
      return (await db.list(pk)).map((item) => parseItem(hourRecordSchema, item, { pk, sk: '*' }));
    },
    commitHour: async (record: HourRecord): Promise<boolean> => {
      try {
        await db.put(settleKeys.hour(record), record, {
          expression: 'attribute_not_exists(pk) OR #run = :previous',
          values: { ':previous': record.previous },
          names: { '#run': 'run' },
        });
        return true;
      } catch (cause) {
        if (isRefused(cause)) return false;
        throw cause;
      }
    },
    deleteHour: async (hour: UtcHour): Promise<void> => {
      await db.remove(settleKeys.hour(hour));
    },
  };
}

const setSchema = z.set(z.string()).optional();

const workSchema = z.object({
  hours: setSchema,
  forced: setSchema,
  traffic: setSchema,
  dates: setSchema,
  open: setSchema,
});

function workOf(db: SettleTable) {
  async function change(verb: 'ADD' | 'DELETE', set: WorkList, names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await db.update(settleKeys.work, `${verb} #set :names`, { ':names': new Set(names) }, { '#set': set });
  }
  return {
    work: async (): Promise<Work> => {
      const found = parseItem(workSchema, (await db.get(settleKeys.work)) ?? {}, settleKeys.work);
      return {
        hours: sorted(found.hours).map(parseHourName),
        forced: sorted(found.forced).map(parseHourName),
        traffic: sorted(found.traffic),
        dates: sorted(found.dates),
        open: sorted(found.open),
      };
    },
    addWork: (set: WorkList, names: readonly string[]) => change('ADD', set, names),
    removeWork: (set: WorkList, names: readonly string[]) => change('DELETE', set, names),
  };
}

function sorted(set: ReadonlySet<string> | undefined): string[] {
  return [...(set ?? [])].sort();
}

function watermarkOf(db: SettleTable) {
  return {
    watermark: async (): Promise<number | undefined> => {
      const item = await db.get(settleKeys.watermark);
      return item && parseItem(z.object({ at: z.number() }), item, settleKeys.watermark).at;
    },
    advance: async (watermark: number): Promise<void> => {
      try {
        await db.put(
          settleKeys.watermark,
          { at: watermark },
          {
            expression: 'attribute_not_exists(pk) OR #at < :at',
            values: { ':at': watermark },
            names: { '#at': 'at' },
          },
        );
      } catch (error) {
        if (!isRefused(error)) throw error;
      }
    },
  };
}

function listOf<T>(db: SettleTable, pk: string, schema: z.ZodType<T>) {
  return async (): Promise<T[]> => (await db.list(pk)).map((item) => parseItem(schema, item, { pk, sk: '*' }));
}
