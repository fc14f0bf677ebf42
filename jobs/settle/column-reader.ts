import { countEvents, type HourDelta } from '#core/aggregate/count-events.ts';
import { FileUnreadable, readEventColumns } from '#core/aggregate/event-columns.ts';
import type { UtcHour } from '#core/settle/hours.ts';
import { noRun } from '#schemas/lake-keys.ts';
import type { RawFile } from '#stores/lake/lake.ts';
import { runFolder } from '#stores/lake/settled-files.ts';
import type { SettleDeps } from './deps.ts';

/** A raw file's rows and the items that rollup counts from it, or why it cannot be read. */
export type Inspection =
  | { kind: 'readable'; file: RawFile; rows: number; items: HourDelta[] }
  | { kind: 'unreadable'; file: RawFile; reason: string };

/** Reads files of the lake, and remembers the results until `forget`. */
export interface ColumnReader {
  inspect: (files: readonly RawFile[]) => Promise<Inspection[]>;
  /** Sums up a run the way rollup counts raw files. */
  run: (hour: UtcHour, run: string) => Promise<HourDelta[]>;
  forget: () => void;
}

export function createColumnReader({ lake, files }: Pick<SettleDeps, 'lake' | 'files'>): ColumnReader {
  const inspections = new Map<string, Inspection>();
  const runs = new Map<string, HourDelta[]>();

  async function inspectFile(file: RawFile): Promise<Inspection> {
    const known = inspections.get(file.key);
    if (known) return known;
    const bytes = await lake.get(file.key);
    try {
      const columns = await readEventColumns(bytes);
      const inspection: Inspection = { kind: 'readable', file, rows: columns.rows, items: countEvents(columns) };
      inspections.set(file.key, inspection);
      return inspection;
    } catch (error) {
      if (error instanceof FileUnreadable) return { kind: 'unreadable', file, reason: describe(error) };
      throw error;
    }
  }

  async function readRun(hour: UtcHour, run: string): Promise<HourDelta[]> {
    const objects = await files.list(runFolder(hour, run));
    const parts = await inOrder(objects, async ({ key }) => countEvents(await readEventColumns(await lake.get(key))));
    return parts.flat();
  }

  return {
    inspect: (listed) => inOrder(listed, inspectFile),
    run: async (hour, run) => {
      if (run === noRun) return [];
      const name = runFolder(hour, run);
      const known = runs.get(name) ?? (await readRun(hour, run));
      runs.set(name, known);
      return known;
    },
    forget: () => {
      inspections.clear();
      runs.clear();
    },
  };
}

function describe(error: FileUnreadable): string {
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** A file of 1,000 rows is about 40 KB. */
const concurrency = 16;

async function inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += concurrency)
    results.push(...(await Promise.all(items.slice(from, from + concurrency).map(work))));
  return results;
}
