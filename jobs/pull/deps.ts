import type { AskTool } from '#stores/web/tool-api.ts';
import type { Pulls } from '#stores/catalog/pulls.ts';
import type { HistoryImports } from '#stores/catalog/history-imports.ts';
import type { ImportFiles } from '#stores/lake/import-files.ts';
import type { LinkImporter } from './import-links.ts';

export interface PullDeps extends LinkImporter {
  pulls: Pulls;
  files: Pick<ImportFiles, 'get' | 'put' | 'list' | 'delete'>;
  ask: AskTool;
  /** The stack's secret, with which tokens are encrypted. */
  secret: () => Promise<string>;
  imports: Pick<HistoryImports, 'create' | 'get' | 'begin'>;
  /** Starts the import of what a pull has read. */
  startImport: (id: string) => Promise<void>;
  /** Starts this function again for a pull, without waiting. */
  continueLater: (id: string) => Promise<void>;
  sleep: (milliseconds: number) => Promise<void>;
  now: () => number;
  random: (bytes: number) => Uint8Array;
}
