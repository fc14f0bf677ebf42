/**
 * Measures an import of counts by day, and one of single clicks: seconds and memory of the function, in a process of its own, and
 * seconds of the settle after it. Checks that the settled counts of each link and date are those of the file.
 * `npm run bench -- history 1000000 30`: rows, and days on which they are.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { beginImport, newImport } from '../core/history/new-import.ts';
import { settle } from '../jobs/settle/settle.ts';
import { linkSchema, pageSchema } from '../schemas/catalog.ts';
import { entityKeys } from '../schemas/counters.ts';
import { ulidOf } from '../core/ulid.ts';
import type { ImportJob } from '../schemas/history/history-job.ts';
import { uploadKey } from '../schemas/lake-keys.ts';
import { createCatalogAdmin } from '../stores/catalog/catalog-admin.ts';
import { createHistoryImports } from '../stores/catalog/history-imports.ts';
import { readDayNumbers } from '../stores/counters/settled-days.ts';
import { uploadObject } from '../stores/lake/upload-object.ts';
import { createTable } from '../test/dynamodb.ts';
import { createWorld, startServers } from '../test/lake/settle-world.ts';
import { bucket } from '../test/lake/start-lake.ts';

const [rows = 1_000_000, days = 30] = process.argv.slice(2).map(Number);
const links = 200;
/** Five years before the first click. */
const daysOfCounts = 1_825;
const firstDay = Date.parse('2024-03-01T00:00:00Z');
const secondsLimit = 180;
const megabytesLimit = 512;

const browsers = Array.from(
  { length: 50 },
  (_, at) =>
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${80 + at}.0.0.0 Safari/537.36`,
);
const referrers = ['direct', 'https://www.google.com/', 'https://news.example/a/b', 'https://t.co/x1y2'];
const countries = ['AT', 'DE', 'US', 'FR', 'IN', 'BR'];

const servers = await startServers();
const world = await createWorld(servers, ['UTC'], { entitiesAtOnce: 25 });
const tables = world.tables.catalog.replace(/-catalog$/, '');
await createTable(servers.db.client, `${tables}-cache`);
const catalog = { client: servers.db.client, table: world.tables.catalog };
const ids = await createLinks();

const jobs = createHistoryImports({ ...catalog, now: Date.now });
const ofCounts = await importFile('bitly.json', writeCounts());
const { file, counts } = writeFile();
const run = await importFile('yourls.csv', file);
const started = performance.now();
await settleAll();
const settleSeconds = (performance.now() - started) / 1000;
const wrong = await countDifferences();

show('rows', rows, '');
show('megabytes of the file', file.length / 1e6, '');
show('accepted', run.accepted, `${rows}`);
show('seconds of the import', run.seconds, `${secondsLimit}`);
show('largest memory, MB', run.megabytes, `${megabytesLimit}`);
show('days of links with counts', ofCounts.accepted, `${links * daysOfCounts}`);
show('seconds of the import of counts', ofCounts.seconds, `${secondsLimit}`);
show('largest memory, MB', ofCounts.megabytes, `${megabytesLimit}`);
show(`seconds of the settle of ${days} days`, settleSeconds, '');
show('days of a link that differ from the file', wrong, '0');
await servers.stop();
const isComplete = wrong === 0 && run.accepted === rows && ofCounts.accepted === links * daysOfCounts;
const isWithin = [run, ofCounts].every((each) => each.seconds <= secondsLimit && each.megabytes <= megabytesLimit);
process.exitCode = isComplete && isWithin ? 0 : 1;

function show(name: string, value: number, limit: string): void {
  const digits = Number.isInteger(value) ? 0 : 1;
  const shown = value.toLocaleString('en', { maximumFractionDigits: digits });
  console.log(`${name.padEnd(45)}${shown.padStart(12)}${limit === '' ? '' : `   limit ${limit}`}`);
}

async function createLinks(): Promise<string[]> {
  const admin = createCatalogAdmin(catalog);
  const at = '2024-01-01T00:00:00.000Z';
  await admin.createPage(pageSchema.parse({ path: '/ada', title: 'Ada', createdAt: at, updatedAt: at }));
  const found: string[] = [];
  for (let number = 0; number < links; number++) {
    const code = `link${number}`;
    const link = { id: code, code, page: '/ada', url: 'https://shop.example/', createdAt: at, updatedAt: at };
    await admin.createLink(linkSchema.parse(link));
    found.push((await admin.getLink(code))?.id ?? '');
  }
  return found;
}

/** Writes a file of YOURLS in order of time, and counts its clicks by link and date as a script would. */
function writeFile(): { file: Buffer; counts: Map<string, number> } {
  const parts: Buffer[] = [];
  let lines = ['click_id,click_time,shorturl,referrer,user_agent,ip_address,country_code'];
  const found = new Map<string, number>();
  for (let row = 0; row < rows; row++) {
    const at = new Date(firstDay + Math.floor((row * days * 86_400_000) / rows)).toISOString();
    const link = (row * 7919) % links;
    const agent = browsers[(row * 31) % browsers.length] ?? '';
    const referrer = referrers[(row * 13) % referrers.length] ?? '';
    const address = `198.51.${(row * 17) % 256}.${(row * 29) % 256}`;
    const country = countries[row % countries.length] ?? '';
    lines.push(`${row},${at.slice(0, 19).replace('T', ' ')},link${link},${referrer},"${agent}",${address},${country}`);
    const key = `${ids[link] ?? ''} ${at.slice(0, 10)}`;
    found.set(key, (found.get(key) ?? 0) + 1);
    // A string ends at half a gigabyte.
    if (lines.length < 100_000 && row < rows - 1) continue;
    parts.push(Buffer.from(`${lines.join('\n')}\n`, 'utf8'));
    lines = [];
  }
  return { file: Buffer.concat(parts), counts: found };
}

/** Returns the clicks of each link by day, as the API of Bitly returns them. */
function writeCounts(): Buffer {
  const dates = Array.from({ length: daysOfCounts }, (_, day) =>
    new Date(firstDay - (day + 1) * 86_400_000).toISOString().slice(0, 10),
  );
  const responses = Array.from({ length: links }, (_, link) => ({
    bitlink: `bit.ly/link${link}`,
    unit: 'day',
    link_clicks: dates.map((date, day) => ({ date: `${date}T00:00:00+0000`, clicks: 1 + ((link * 31 + day) % 97) })),
  }));
  return Buffer.from(JSON.stringify(responses), 'utf8');
}

async function importFile(name: string, bytes: Buffer) {
  const id = ulidOf(Date.now(), randomBytes(16));
  await uploadObject(servers.lake.s3, { Bucket: bucket, Key: uploadKey(id) }, Readable.from([bytes]));
  await jobs.create(jobOf(id, name, bytes.length));
  const measured = await runImporter(id);
  return { ...measured, accepted: (await jobs.get(id))?.totals?.accepted ?? 0 };
}

function jobOf(id: string, name: string, bytes: number): ImportJob {
  const waiting = newImport({
    id,
    page: '/ada',
    file: { name, bytes },
    format: 'auto',
    zone: 'UTC',
    until: null,
    dryRun: false,
    now: Date.parse('2026-11-30T00:00:00Z'),
  });
  return { ...waiting, ...beginImport(waiting) };
}

async function runImporter(id: string): Promise<{ seconds: number; megabytes: number }> {
  const { endpoint } = servers.lake;
  // A heap that fits into a function of 512 MB. Without a limit, V8 lets it grow before it collects.
  const heap = ['--max-old-space-size=288', '--max-semi-space-size=16'];
  const script = [...heap, '--import', './queries/text-imports.ts', 'bench/history/importer.ts'];
  const child = spawn(process.execPath, [...script, endpoint, servers.db.endpoint, bucket, tables, id], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [output] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  return z.object({ outcome: z.literal('done'), seconds: z.number(), megabytes: z.number() }).parse(JSON.parse(output));
}

async function settleAll(): Promise<void> {
  const time = firstDay + (days + 2) * 86_400_000;
  let state: string;
  do {
    const summary = await settle(world.deps, { time });
    if (summary.refused.length > 0) throw new Error(JSON.stringify(summary.refused));
    ({ state } = summary);
  } while (state === 'unfinished');
}

async function countDifferences(): Promise<number> {
  const table = { client: servers.db.client, table: world.tables.rollups };
  const left = new Map(counts);
  let different = 0;
  for (const link of ids)
    for (const { date, numbers } of await readDayNumbers(table, entityKeys.link(link), '2024-01-01', '2026-12-31')) {
      const key = `${link} ${date}`;
      if ((numbers['clicks'] ?? 0) !== (left.get(key) ?? 0)) different += 1;
      left.delete(key);
    }
  return different + left.size;
}
