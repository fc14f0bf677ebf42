import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { table } from '../cli/table.ts';
import { type LocalStack, startLocalStack } from '../local/stack.ts';
import { launchChromium } from '../test/browser/chromium.ts';
import { signIn } from '../test/browser/dashboard/sign-in.ts';
import { type Load, observeLoad, readLoad, readSession } from './dashboard/observe-load.ts';

/**
 * Measures how long the overview takes to load in Chromium, over the local stack with 30 days of clicks: cold with an empty
 * browser cache, warm with a full one. The user is signed in. The time includes the requests for configuration, discovery,
 * token, user, page and numbers.
 *
 * - first paint: first contentful paint.
 * - numbers: the totals have been painted.
 * - interactive: the totals have been painted and the last task of more than 50 ms has ended; none follows for a second.
 */

const options = { loads: { type: 'string', default: '20' } } as const;
const loads = Number(parseArgs({ options }).values.loads);

const must = { firstPaint: 1000, interactive: 1500, scriptBytes: 250 * 1024 };
const days = 30;
const clicksADay = 6;

const visitor = {
  'user-agent':
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  accept: 'text/html',
  'accept-language': 'de-AT,de;q=0.9',
};

interface Case {
  width: number;
  /** Whether the browser's cache holds every file of the dashboard, or none. */
  files: 'cold' | 'warm';
  /** Lighthouse's slow 4G: 150 ms round trip, 1.6 Mbit/s. The bench's limits do not apply to it. */
  slow?: true;
}

const cases: readonly Case[] = [
  { width: 1440, files: 'cold' },
  { width: 1440, files: 'warm' },
  { width: 360, files: 'cold' },
  { width: 360, files: 'warm' },
  { width: 360, files: 'cold', slow: true },
  { width: 360, files: 'warm', slow: true },
];

const columns = ['firstPaint', 'numbers', 'interactive'] as const;

const directory = mkdtempSync(path.join(tmpdir(), 'hopcount-bench-'));
const [stack, browser] = await Promise.all([
  startLocalStack({
    dataDirectory: directory,
    port: 0,
    schedules: false,
    allowReplay: true,
    batchWindowSeconds: 1,
    log: console.error,
  }),
  launchChromium(),
]);
try {
  await seed(stack);
  await measureAll(browser, stack);
} finally {
  await browser.close();
  await stack.stop();
  rmSync(directory, { recursive: true, force: true });
}

/** Creates past clicks, spread over days, links and hours. */
async function seed(stack: LocalStack): Promise<void> {
  const codes = ['aws', 'parquet', 'duckdb', 'spring', 'newsletter'];
  const now = Date.now();
  for (let index = 0; index < days * clicksADay; index++) {
    const at = now - index * (86_400_000 / clicksADay) - 60_000;
    const headers = {
      ...visitor,
      'x-replay-ip': `193.99.144.${index % 200}`,
      'x-replay-time': new Date(at).toISOString(),
    };
    await fetch(`${stack.url}/${codes[index % codes.length]}`, { headers, redirect: 'manual' });
    if (index % 3 === 0) await fetch(`${stack.url}/@demo`, { headers });
  }
  const { idle } = await stack.idle(120_000);
  if (!idle) throw new Error('the clicks of the bench were not counted within two minutes');
}

async function measureAll(browser: Browser, stack: LocalStack): Promise<void> {
  const session = await signedIn(browser, stack);
  const url = `${stack.url}/app/pages/demo/overview`;
  const scripts = new Set<string>();
  // Not measured: the first load also starts the API's workers.
  await measureCold(browser, { width: 1440, files: 'cold' }, url, session, 1);
  const rows: string[][] = [];
  for (const each of cases) {
    const measured = await (each.files === 'cold' ? measureCold : measureWarm)(browser, each, url, session);
    for (const script of measured.flatMap((one) => one.scripts)) scripts.add(script);
    if (!each.slow && isLate(measured)) process.exitCode = 1;
    const times = columns.map((name) => both(measured, name));
    rows.push([nameOf(each), ...times, String(Math.max(...measured.map(({ longTasks }) => longTasks)))]);
  }
  console.log(`${loads} loads each; milliseconds, p50 / p95\n`);
  console.log(table(['overview', 'first paint', 'numbers', 'interactive', 'long tasks, most'], rows));
  console.log(`must, not on slow 4G: first paint ${must.firstPaint}, interactive ${must.interactive} at p95`);
  const bytes = await gzipped([...scripts]);
  function kilobytes(size: number): string {
    return `${(size / 1024).toFixed(1)} KB`;
  }
  console.log(
    `scripts of a load, gzipped: ${kilobytes(bytes)} in ${scripts.size} files (must ${kilobytes(must.scriptBytes)})`,
  );
  if (bytes > must.scriptBytes) process.exitCode = 1;
}

type Session = Readonly<Record<string, string>>;

async function signedIn(browser: Browser, stack: LocalStack): Promise<Session> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await signIn(page, stack.url, 'creator', '/demo');
  const session = await readSession(page);
  await context.close();
  return session;
}

async function measureCold(
  browser: Browser,
  each: Case,
  url: string,
  session: Session,
  rounds = loads,
): Promise<Load[]> {
  const measured: Load[] = [];
  for (let round = 0; round < rounds; round++) {
    const tab = await openTab(browser, each, session);
    measured.push(await load(tab, url));
    await tab.context().close();
  }
  return measured;
}

/** Opens a tab of a signed-in user, without cached files. */
async function openTab(browser: Browser, { width, slow }: Case, session: Session): Promise<Page> {
  const context = await browser.newContext({ viewport: { width, height: width > 600 ? 900 : 740 } });
  await context.addInitScript(observeLoad, session);
  const tab = await context.newPage();
  const protocol = await context.newCDPSession(tab);
  await protocol.send('Network.enable');
  if (slow)
    await protocol.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 150,
      downloadThroughput: 1_600_000 / 8,
      uploadThroughput: 750_000 / 8,
    });
  return tab;
}

async function load(tab: Page, url: string): Promise<Load> {
  await tab.goto(url, { waitUntil: 'commit' });
  await tab.locator('.chart svg').first().waitFor();
  return readLoad(tab);
}

async function measureWarm(browser: Browser, each: Case, url: string, session: Session): Promise<Load[]> {
  const tab = await openTab(browser, each, session);
  await load(tab, url);
  const measured: Load[] = [];
  for (let round = 0; round < loads; round++) {
    await tab.goto('about:blank');
    measured.push(await load(tab, url));
  }
  await tab.context().close();
  return measured;
}

function isLate(measured: readonly Load[]): boolean {
  return (['firstPaint', 'interactive'] as const).some(
    (name) =>
      percentile(
        measured.map((each) => each[name]),
        0.95,
      ) > must[name],
  );
}

function percentile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}

function both(measured: readonly Load[], name: (typeof columns)[number]): string {
  const times = measured.map((each) => each[name]);
  return `${percentile(times, 0.5).toFixed(0)} / ${percentile(times, 0.95).toFixed(0)}`;
}

function nameOf({ width, files, slow }: Case): string {
  return `${width} px, ${files}${slow ? ', slow 4G' : ''}`;
}

/** Sums the scripts' sizes with gzip at its default level, because the local edge may use another encoding. */
async function gzipped(scripts: readonly string[]): Promise<number> {
  const sizes = scripts.map(async (script) => gzipSync(await (await fetch(script)).bytes()).byteLength);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
