import type { LinkOfEvent } from '#core/history/to-event.ts';
import type { KnownLink } from '#core/history/staged-row.ts';
import type { PageSettings } from '#core/enrich/enrich-event.ts';
import type { HistoryImports } from '#stores/catalog/history-imports.ts';
import type { ImportSalts } from '#stores/cache/import-salts.ts';
import type { ImportFiles } from '#stores/lake/import-files.ts';
import type { SettleState } from '#stores/settle/settle-state.ts';
import type { ImportedCounts } from '#stores/counters/imported-counts.ts';
import type { CountsDependencies } from './import-counts.ts';

export type ImportedLink = KnownLink & LinkOfEvent;

/** What an import must know of its page. */
export interface ImportedPage {
  settings: PageSettings;
  /** By code and alias. */
  links: ReadonlyMap<string, ImportedLink>;
  /** First view or custom event of its own, else the time up to which everything is settled. Milliseconds since the epoch. */
  ownSince: number;
}

export interface ImportDeps extends CountsDependencies {
  jobs: Pick<HistoryImports, 'get' | 'change' | 'checkRunning'>;
  counts: ImportedCounts;
  files: ImportFiles;
  salts: ImportSalts;
  settle: Pick<SettleState, 'mark' | 'hour' | 'putTombstone' | 'tombstones'>;
  /** @returns undefined if the page was deleted */
  readPage: (path: string) => Promise<ImportedPage | undefined>;
  /** Starts this function again for the same import, without waiting. */
  continueLater: (id: string) => Promise<void>;
  ignoreCase: boolean;
  /** First UTC date that the lake can hold. */
  firstDate: string;
  /** Rows in a chunk, and in a file of the lake. @default 20,000 */
  rowsAtOnce?: number;
  /** Rows of an import. @default historyLimits.rows */
  mostRows?: number;
  /** Rows of an import on one UTC date. @default historyLimits.rowsOfDate */
  mostRowsOfDate?: number;
  /** Events of other imports of the page on one UTC date. @default historyLimits.othersOfDate */
  mostOthersOfDate?: number;
  /** Imports of one UTC date that are undone and have a tombstone. @default maxUndoneImports */
  mostUndone?: number;
  now: () => number;
}
