import { countEvents, type HourDelta } from '#core/aggregate/count-events.ts';
import { FileUnreadable, readEventColumns, readEventParts } from '#core/aggregate/event-columns.ts';
import { mergeDeltas } from '#core/settle/hourly-counters.ts';
import type { UtcHour } from '#core/settle/hours.ts';
import { type EntityHour, entityHourKey } from '#schemas/counters.ts';
import { noRun } from '#schemas/lake-keys.ts';
import type { RawFile } from '#stores/lake/lake.ts';
import { runFolder } from '#stores/lake/settled-files.ts';
import type { SettleDeps } from './deps.ts';

/** A raw file's rows, or why it cannot be read. */
export type Inspection =
  | { kind: 'readable'; file: RawFile; rows: number }
  | { kind: 'unreadable'; file: RawFile; reason: string };

export interface Inspected {
  files: Inspection[];
  /** The items that rollup adds these files to, each once: an hour may have 36,000 files. */
  touched: EntityHour[];
}

/** Reads files of the lake, and remembers the results until `forget`. Its memory does not grow with the number of files. */
export interface ColumnReader {
  inspect: (hour: UtcHour, files: readonly RawFile[]) => Promise<Inspected>;
  /** Sums up a run the way rollup counts raw files: one delta for each entity and hour. */
  run: (hour: UtcHour, run: string) => Promise<HourDelta[]>;
  forget: () => void;
}

export function createColumnReader({ lake, files }: Pick<SettleDeps, 'lake' | 'files'>): ColumnReader {
  const inspections = new Map<string, Inspection>();
  const touchedBy = new Map<string, Map<string, EntityHour>>();
  const runs = new Map<string, HourDelta[]>();
  let remembered = 0;

  async function inspectFile(file: RawFile, touched: Map<string, EntityHour>): Promise<Inspection> {
    const known = inspections.get(file.key);
    if (known) return known;
    const bytes = await lake.get(file.key);
    try {
      const columns = await readEventColumns(bytes);
      for (const { entity, hour } of countEvents(columns))
        touched.set(entityHourKey({ entity, hour }), { entity, hour });
      const inspection: Inspection = { kind: 'readable', file, rows: columns.rows };
      inspections.set(file.key, inspection);
      return inspection;
    } catch (error) {
      if (error instanceof FileUnreadable) return { kind: 'unreadable', file, reason: describe(error) };
      throw error;
    }
  }

  async function readRun(hour: UtcHour, run: string): Promise<HourDelta[]> {
    let sums = new Map<string, HourDelta>();
    for (const batch of batchesOf(await files.list(runFolder(hour, run)))) {
      const parts = await Promise.all(batch.map(async ({ key }) => countParts(await lake.get(key))));
      sums = mergeDeltas([...sums.values(), ...parts.flat()]);
    }
    return [...sums.values()];
  }

  return {
    inspect: async (hour, listed) => {
      const folder = runFolder(hour, '');
      const touched = touchedBy.get(folder) ?? new Map<string, EntityHour>();
      touchedBy.set(folder, touched);
      const results: Inspection[] = [];
      for (const batch of batchesOf(listed))
        results.push(...(await Promise.all(batch.map((file) => inspectFile(file, touched)))));
      return { files: results, touched: [...touched.values()] };
    },
    run: async (hour, run) => {
      if (run === noRun) return [];
      const name = runFolder(hour, run);
      const known = runs.get(name);
      if (known) return known;
      const deltas = await readRun(hour, run);
      remembered += deltas.length;
      if (remembered <= mostRemembered) runs.set(name, deltas);
      return deltas;
    },
    forget: () => {
      inspections.clear();
      touchedBy.clear();
      runs.clear();
      remembered = 0;
    },
  };
}

/** A delta takes about a kilobyte. What does not fit is read again. */
const mostRemembered = 300_000;

/** Files that are read side by side: one of 1,000 rows has about 40 KB, one of a run may have a hundred megabytes. */
const filesAtOnce = 16;
const bytesAtOnce = 32_000_000;

/** Divides files into batches that are read side by side, in order. */
function batchesOf<T extends { size: number }>(files: readonly T[]): T[][] {
  const batches: T[][] = [];
  let bytes = 0;
  for (const file of files) {
    const last = batches.at(-1);
    if (last && last.length < filesAtOnce && bytes + file.size <= bytesAtOnce) {
      last.push(file);
      bytes += file.size;
    } else {
      batches.push([file]);
      bytes = file.size;
    }
  }
  return batches;
}

async function countParts(bytes: Uint8Array): Promise<HourDelta[]> {
  let sums = new Map<string, HourDelta>();
  for await (const part of readEventParts(bytes)) sums = mergeDeltas([...sums.values(), ...countEvents(part)]);
  return [...sums.values()];
}

function describe(error: FileUnreadable): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
