import { readFileSync } from 'node:fs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { createPageReader } from '../../jobs/history/read-page.ts';
import { runImport } from '../../jobs/history/run-import.ts';
import { createImportSalts } from '../../stores/cache/import-salts.ts';
import { createCatalogAdmin } from '../../stores/catalog/catalog-admin.ts';
import { createHistoryImports } from '../../stores/catalog/history-imports.ts';
import { createImportedCounts } from '../../stores/counters/imported-counts.ts';
import { createImportFiles } from '../../stores/lake/import-files.ts';
import { createSettledFiles } from '../../stores/lake/settled-files.ts';
import { createSettleState } from '../../stores/settle/settle-state.ts';

/** `importer.ts <s3> <dynamodb> <bucket> <tables> <import>` runs one import, and prints its seconds and its largest resident size in MB. */
const [, , s3Endpoint = '', dynamoEndpoint = '', bucket = '', tables = '', id = ''] = process.argv;
const common = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const client = new DynamoDBClient({ ...common, endpoint: dynamoEndpoint });
const s3 = new S3Client({ ...common, endpoint: s3Endpoint, forcePathStyle: true });
const now = Date.now;
const catalog = { client, table: `${tables}-catalog`, now };
const settle = createSettleState(catalog);

const started = performance.now();
const outcome = await runImport(
  {
    jobs: createHistoryImports(catalog),
    files: createImportFiles({ client: s3, bucket }),
    salts: createImportSalts({
      client,
      table: `${tables}-cache`,
      now,
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    }),
    settle,
    readPage: createPageReader({
      catalog: createCatalogAdmin(catalog),
      // A lake that never settled has no events of its own to look for.
      athena: { rows: () => Promise.reject(new Error('nothing is settled')) },
      settle,
      files: createSettledFiles({ client: s3, bucket }),
      ownHosts: ['go.example'],
      ignoreCase: false,
      now,
    }),
    counts: createImportedCounts({ client, table: `${tables}-rollups` }),
    countedDays: () => Promise.resolve(new Map()),
    continueLater: () => Promise.resolve(),
    ignoreCase: false,
    firstDate: '2015-01-01',
    now,
  },
  id,
  Number.POSITIVE_INFINITY,
);
const seconds = (performance.now() - started) / 1000;
/** `resourceUsage().maxRSS` would not do: on Linux, a child starts with its parent's value. */
const peakKilobytes = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
console.log(JSON.stringify({ outcome, seconds, megabytes: Math.round(peakKilobytes / 1024) }));
