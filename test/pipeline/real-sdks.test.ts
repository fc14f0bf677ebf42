import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { formatIngestKey } from '#core/capture/ingest-key.ts';
import { plainPage } from '#core/links/link.fixture.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { entityKeys } from '#schemas/counters.ts';
import { launchChromium } from '#test/browser/chromium.ts';
import { type BrowserSdk, browserSdks, bundleApplication } from '#test/capture/real/browser-sdks.ts';
import { type FaultProxy, faults, startFaultProxy } from '#test/capture/real/fault-proxy.ts';
import { serverSdks } from '#test/capture/real/server-sdks.ts';
import { ingestKeys } from '#test/capture/edge.ts';
import {
  countReceived,
  hotNumbers,
  outcomesOf,
  type RawRow,
  rawRows,
  receivedOf,
  settledNumbers,
  settledRows,
  temporaryDirectory,
} from './stack-facts.ts';

/**
 * Runs the real packages of SDKs against the stack, through a proxy that lets requests fail: each SDK for servers in a
 * process of its own, each SDK for browsers in a context of Chromium, all at once, each for its own page.
 */

const { directory, remove } = temporaryDirectory();
/** Without these, Chromium says that it is automated, and leaves out the languages of requests that outlive a page. */
const asPeopleUse = [
  '--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36',
  '--accept-lang=de-AT',
  '--disable-blink-features=AutomationControlled',
];
let stack: LocalStack;
let browser: Browser;
const site = createServer((request, response) => {
  if (request.url?.startsWith('/left/')) left.add(request.url);
  response.end(siteBody(request.url ?? '/'));
});
/** `/left/ada/1` once the handlers of a page that closed have run. */
const left = new Set<string>();
const proxies: FaultProxy[] = [];
const scripts = new Map<string, string>();
/** Counted events, once settled. */
let counted: RawRow[];

beforeAll(async () => {
  stack = await startLocalStack({ dataDirectory: directory, port: 0, schedules: false, batchWindowSeconds: 0.3 });
  [browser] = await Promise.all([launchChromium(asPeopleUse), once(site.listen(0, '127.0.0.1'), 'listening')]);
  const results = await Promise.allSettled([
    ...Object.keys(serverSdks).map(runServer),
    ...Object.entries(browserSdks).map(([name, sdk]) => runBrowser(name, sdk)),
  ]);
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  expect((await stack.idle(120_000)).messages).toBe(0);
  await countReceived(stack);
  const time = new Date(Date.now() + 2 * 3_600_000).toISOString();
  expect(await stack.invoke(stack.outputs.SettleFunction, { time })).toMatchObject({ state: 'done', refused: [] });
  counted = (await settledRows(stack)).filter(({ outcome }) => outcome === 'counted');
});
afterAll(async () => {
  await browser.close();
  site.close();
  for (const proxy of proxies) await proxy.stop();
  await stack.stop();
  remove();
});

/** Adds a page for an SDK, and a proxy in front of the stack. */
async function prepare(name: string, isEvents: (path: string) => boolean): Promise<FaultProxy> {
  await stack.catalog.createPage({ ...plainPage, path: `/${name}`, origins: [siteOrigin()], ingestKeys });
  const proxy = await startFaultProxy(stack.url, isEvents);
  proxies.push(proxy);
  return proxy;
}

function siteOrigin(): string {
  const address = site.address();
  if (address === null || typeof address === 'string') throw new Error('the site does not listen on a port');
  return `http://127.0.0.1:${address.port}`;
}

function siteBody(url: string): string {
  const { pathname } = new URL(url, 'http://site');
  const page = `<!doctype html><meta charset="utf-8"><title>Home</title>
    <a id="out" target="_blank" href="https://shop.example/x">Shop</a><script src="${pathname}.js"></script>`;
  return scripts.get(pathname) ?? page;
}

/** Exit codes of the applications, and what they printed. */
const ended: Record<string, { code: number | null | undefined; output: string }> = {};

/** Runs an application to its end, and changes the network when it asks for that. */
async function runServer(name: string): Promise<void> {
  const proxy = await prepare(name, (url) => !url.includes('/flags'));
  const targets = ['s', 'x'].map((letter) => {
    const key = formatIngestKey({ page: `/${name}`, id: 'k'.repeat(16), secret: letter.repeat(43) });
    return JSON.stringify({ origin: proxy.url, base: `/e/${name}`, key });
  });
  const host = path.join(import.meta.dirname, '../capture/real/server-host.ts');
  const child = fork(host, [name, ...targets], { silent: true, execArgv: [] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (data: Buffer) => {
      output += data.toString();
    });
  child.on('message', (what) => {
    if (typeof what === 'string') void answer(what);
  });
  const [code]: (number | null)[] = await once(child, 'exit');
  ended[name] = { code, output };

  async function answer(what: string): Promise<void> {
    await change(what);
    child.send('done');
  }

  async function change(what: string): Promise<void> {
    const fault = faults.find((each) => each === what);
    if (fault !== undefined) return proxy.failNext(fault);
    switch (what) {
      case 'failed':
        return waitForFailure(proxy);
      case 'refused':
        return waitForRows(name, (own) => own.some(({ outcome }) => outcome === 'refused'));
      default:
        return waitForNames(name, what);
    }
  }
}

const patience = { timeout: 120_000, interval: 500 };

function waitForFailure(proxy: FaultProxy): Promise<void> {
  return vi.waitFor(() => expect(proxy.hasFailed()).toBe(true), patience);
}

async function waitForRows(page: string, isComplete: (own: readonly RawRow[]) => boolean): Promise<void> {
  await vi.waitFor(async () => {
    const own = (await rawRows(stack)).filter((row) => row.page_path === `/${page}`);
    expect(isComplete(own), `${page} has sent ${own.map(nameOf).join(', ')}`).toBe(true);
  }, patience);
}

function waitForNames(page: string, ...wanted: string[]): Promise<void> {
  return waitForRows(page, (own) => wanted.every((name) => distinct(own, name) > 0));
}

/** Counts the events with a name, each once. */
function distinct(some: readonly RawRow[], name: string): number {
  return new Set(some.filter((row) => nameOf(row) === name).map(({ event_id }) => event_id)).size;
}

/** Returns the name of a custom event, or the type of another. */
function nameOf({ event_type, properties }: RawRow): string {
  return event_type === 'custom' && typeof properties === 'string' ? JSON.parse(properties).name : String(event_type);
}

/** What pages that were visited with an SDK have done. */
interface Visited {
  /** Errors and unhandled rejections of the pages. */
  errors: string[];
  views: number;
  /** Closed pages: each has sent an event before, the last one whose handlers have run. */
  closed: number;
}
const visited: Record<string, Visited> = {};

/** Visits the site as a person whose network fails, who reloads the page, and leaves at once. */
async function runBrowser(name: string, sdk: BrowserSdk): Promise<void> {
  const proxy = await prepare(name, sdk.isEvents);
  scripts.set(`/${name}.js`, await bundleApplication(name, `${proxy.url}/e/${name}`));
  const context = await browser.newContext({ locale: 'de-AT' });
  // Its brands name a headless browser, for which posthog-js is silent.
  await context.addInitScript(() => Object.defineProperty(navigator, 'userAgentData', { get: () => undefined }));
  await context.route('https://shop.example/**', (route) => route.fulfill({ body: 'Shop' }));
  const own: Visited = { errors: [], views: 0, closed: 0 };
  visited[name] = own;
  const opener = await context.newPage();
  /** Opens a window by script, since only such a window can close itself. */
  async function visit(): Promise<Page> {
    const url = `${siteOrigin()}/${name}?visit=${(own.views += 1)}`;
    const opened = context.waitForEvent('page');
    await opener.evaluate((address) => void window.open(address), url);
    const page = await opened;
    page.on('pageerror', (error) => own.errors.push(String(error)));
    await page.waitForLoadState();
    return page;
  }
  const first = await visit();
  await track(first, 'plain');
  await first.evaluate('sdk.identify()');
  await first.click('#out');
  await waitForNames(name, 'page_view', 'plain', ...(sdk.clicks ? ['link_click'] : []));
  await first.close();
  const page = await visit();
  await waitForRows(name, (own) => distinct(own, 'page_view') === 2);
  for (const fault of faults) {
    const givesUp = sdk.givesUp.includes(fault);
    if (fault === 'offline') await context.setOffline(true);
    else proxy.failNext(fault);
    // A browser knows that it is offline: an SDK that keeps the event sends nothing.
    const failed = fault === 'offline' && givesUp ? page.waitForEvent('requestfailed') : undefined;
    await track(page, `at ${fault}`);
    await (fault === 'offline' ? failed : waitForFailure(proxy));
    await context.setOffline(false);
    if (!givesUp) await waitForNames(name, `at ${fault}`);
  }
  await track(page, 'before reload');
  // Another address: without ids, two views of one address within seconds are a repeat.
  await page.evaluate(() => history.replaceState(null, '', '?reloaded'));
  await page.reload();
  own.views += 1;
  // A browser waits half a second for the handlers of a page that closes: on a busy machine it may end the page before.
  for (let closing = page; own.closed < 10; closing = await visit()) {
    // Until its settings arrive, an SDK keeps events in the memory of the page.
    await waitForRows(name, (rows) => distinct(rows, 'page_view') === own.views);
    if (await trackAndClose(closing, name, (own.closed += 1), sdk)) break;
  }
  // What could not be sent any more is sent when the person returns.
  await track(await visit(), 'last');
  await waitForNames(name, 'before reload', `before close ${own.closed}`, 'last');
  await context.close();
}

/** Tracks an event in a page that closes itself at once. @returns whether its handlers have run */
async function trackAndClose(page: Page, name: string, attempt: number, { outlives }: BrowserSdk): Promise<boolean> {
  const mark = `/left/${name}/${attempt}`;
  const event = `before close ${attempt}`;
  if (!outlives) {
    await track(page, event);
    await waitForNames(name, event);
  }
  const script = `setTimeout(() => {
    addEventListener('pagehide', () => navigator.sendBeacon('${mark}'));
    ${outlives ? `sdk.track('${event}')` : ''};
    close();
  })`;
  await Promise.all([page.waitForEvent('close'), page.evaluate(script)]);
  return vi
    .waitFor(() => expect(left.has(mark)).toBe(true), { timeout: 10_000 })
    .then(
      () => true,
      () => false,
    );
}

async function track(page: Page, name: string): Promise<void> {
  await page.evaluate(`sdk.track(${JSON.stringify(name)})`);
}

/** Returns how many counted events of a page there are by name. */
function countedEvents(page: string): Record<string, number> {
  const own = counted.filter(({ page_path }) => page_path === `/${page}`);
  return Object.fromEntries(
    [...new Set(own.map(nameOf))].map((name) => [name, own.filter((row) => nameOf(row) === name).length]),
  );
}

function eachOnce(...names: string[]): Record<string, number> {
  return Object.fromEntries(names.map((name) => [name, 1]));
}

/** Returns the names of the events that were sent while the network failed, and arrive nevertheless. */
function surviving(givesUp: readonly string[]): string[] {
  return faults.filter((fault) => !givesUp.includes(fault)).map((fault) => `at ${fault}`);
}

describe.each(Object.entries(serverSdks))('%s', (name, { givesUp }) => {
  it('sends each event, also after failures, and does not end its application', () => {
    expect(ended[name]?.code, ended[name]?.output).toBe(0);
    expect(countedEvents(name)).toEqual({ page_view: 1, ...eachOnce('plain', ...surviving(givesUp), 'last') });
  });
});

describe.each(Object.entries(browserSdks))('%s', (name, { givesUp, clicks, ids }) => {
  it('sends each event, also after failures, a reload and the end of its page', () => {
    const { errors, views, closed } = visited[name] ?? { errors: ['no visit'], views: 0, closed: 0 };
    expect(errors).toEqual([]);
    const customs = eachOnce('plain', ...surviving(givesUp), 'before reload', `before close ${closed}`, 'last');
    const events = countedEvents(name);
    for (let ended = 1; ended < closed; ended += 1) {
      expect(events[`before close ${ended}`] ?? 0).toBeLessThanOrEqual(1);
      delete events[`before close ${ended}`];
    }
    // Chromium repeats a request whose connection breaks. Without ids, that is another event if it has another port.
    if (!ids) expect(events['at reset']).toBeOneOf([1, 2]);
    const expected = { page_view: views, ...(clicks && { link_click: 1 }), ...customs };
    expect(ids ? events : { ...events, 'at reset': 1 }).toEqual(expected);
  });
});

describe.each([...Object.keys(serverSdks), ...Object.keys(browserSdks)])('%s', (name) => {
  it('loses nothing: what was received has an outcome', async () => {
    const entity = entityKeys.page(`/${name}`);
    const [hot, settled] = [await hotNumbers(stack, entity), await settledNumbers(stack, entity)];
    expect(outcomesOf(hot)).toBe(outcomesOf(settled));
    expect(await receivedOf(stack, entity)).toBe(outcomesOf(settled));
  });
});
