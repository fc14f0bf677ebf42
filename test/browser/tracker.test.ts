import { buildSync } from 'esbuild';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { type CollectEvent, collectEventSchema } from '#schemas/collect-event.ts';
// For the type of window.hopcount.
import type {} from '../../tracker/tracker.ts';
import { launchChromium } from './chromium.ts';

const [tracker] = buildSync({
  entryPoints: ['tracker/tracker.ts'],
  bundle: true,
  minify: true,
  platform: 'browser',
  target: 'es2018',
  format: 'iife',
  write: false,
}).outputFiles;

const events: CollectEvent[] = [];
let browser: Browser;
let edge: Server;
let site: Server;

async function listen(server: Server): Promise<Server> {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}
function originOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('server is not listening');
  return `http://127.0.0.1:${address.port}`;
}

function siteHtml(head: string) {
  return `<!doctype html><title>Home</title>
  <script>window.hopcount = window.hopcount || function () { (hopcount.q = hopcount.q || []).push(arguments) }</script>
  ${head}<script defer src="${originOf(edge)}/t.js" data-page="/ada"></script>
  <a id="out" href="https://shop.example/x"><b>Shop</b></a><a id="own" href="/inside">In</a>
  <a id="short" href="${originOf(edge)}/k3x9">Short</a>`;
}

beforeAll(async () => {
  edge = await listen(
    createServer((request, response) => {
      if (request.url === '/t.js') return response.setHeader('content-type', 'text/javascript').end(tracker?.contents);
      return void text(request).then((body) => {
        if (request.url === '/e?p=%2Fada') events.push(collectEventSchema.parse(JSON.parse(body)));
        response.writeHead(204).end();
      });
    }),
  );
  site = await listen(
    createServer((request, response) => {
      const head = request.url?.startsWith('/queued')
        ? '<script>hopcount("consent", "ada-1"); hopcount("signup", { plan: "pro" })</script>'
        : '';
      response.setHeader('content-type', 'text/html').end(siteHtml(head));
    }),
  );
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  for (const server of [edge, site]) {
    server.closeAllConnections();
    server.close();
  }
});
afterEach(() => void events.splice(0));

/** Opens the site in a new browser context in which links don't navigate. */
async function open(path: string, options: BrowserContextOptions = {}, script = ''): Promise<Page> {
  const context = await browser.newContext(options);
  await context.addInitScript(script);
  const page = await context.newPage();
  await page.goto(originOf(site) + path);
  await page.evaluate(() => window.addEventListener('click', (event) => event.preventDefault()));
  return page;
}
function arrived(count: number) {
  return vi.waitFor(() => expect(events).toHaveLength(count), { timeout: 60_000 });
}
/** Waits for the last event; an unwanted event would arrive before it. */
async function quiet(page: Page): Promise<void> {
  await page.evaluate(() => window.hopcount?.('last'));
  function index(): number {
    return events.findIndex((event) => event.type === 'custom' && event.name === 'last');
  }
  await vi.waitFor(() => expect(index()).toBeGreaterThanOrEqual(0), { timeout: 60_000 });
  events.splice(index(), 1);
}

it('is at most 1.5 KB compressed', () => {
  expect(gzipSync(tracker?.contents ?? '', { level: 9 }).length).toBeLessThanOrEqual(1_536);
});

it('sends a view with URL, referrer, title and session', async () => {
  const page = await open('/home?utm_source=bio');
  await arrived(1);
  expect(events[0]).toMatchObject({
    page: '/ada',
    type: 'page_view',
    url: `${originOf(site)}/home?utm_source=bio`,
    referrer: '',
    title: 'Home',
    session: expect.stringMatching(/^\d+$/),
    privacy: false,
  });
  await page.reload();
  await arrived(2);
  expect(events[1]?.session).toBe(events[0]?.session);
  await page.context().close();
});

it('sends each view of a single-page application once', async () => {
  const page = await open('/');
  await page.evaluate(() => {
    history.pushState({}, '', '/pricing');
    document.title = 'Pricing';
  });
  await arrived(2);
  await page.evaluate(() => history.pushState({}, '', '/pricing#plans'));
  await quiet(page);
  await page.goBack();
  await page.goBack();
  await arrived(3);
  expect(events.map(({ url, title }) => [url?.replace(originOf(site), ''), title])).toEqual([
    ['/', 'Home'],
    ['/pricing', 'Pricing'],
    ['/', 'Pricing'],
  ]);
  expect(events[1]?.referrer).toBe(`${originOf(site)}/`);
  await page.context().close();
});

it('sends outbound clicks, but not clicks on internal or short links', async () => {
  const page = await open('/');
  await arrived(1);
  await page.click('#own');
  await page.click('#short');
  await page.click('#out b');
  await arrived(2);
  await page.click('#out', { button: 'middle' });
  await arrived(3);
  await page.click('#out', { button: 'right' });
  await quiet(page);
  expect(events.slice(1)).toMatchObject([
    { type: 'link_click', destination: 'https://shop.example/x', title: 'Shop' },
    { type: 'link_click', destination: 'https://shop.example/x' },
  ]);
  await page.context().close();
});

it('sends events and consent that were queued before it loaded', async () => {
  const page = await open('/queued');
  await arrived(2);
  expect(events).toMatchObject([
    { type: 'custom', name: 'signup', properties: { plan: 'pro' }, consentedId: 'ada-1' },
    { type: 'page_view', consentedId: 'ada-1' },
  ]);
  await page.evaluate(() => {
    window.hopcount?.('consent', null);
    window.hopcount?.('leave');
  });
  await arrived(3);
  expect(events[2]).toMatchObject({ name: 'leave', consentedId: null });
  await page.context().close();
});

it.each([
  ['GPC', 'Object.defineProperty(navigator, "globalPrivacyControl", { value: true })'],
  ['DNT', 'Object.defineProperty(navigator, "doNotTrack", { value: "1" })'],
])('sends neither session nor id under %s', async (_name, script) => {
  const page = await open('/queued', {}, script);
  await arrived(2);
  expect(events).toMatchObject([
    { privacy: true, session: null, consentedId: null },
    { privacy: true, session: null, consentedId: null },
  ]);
  expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  await page.context().close();
});

it('falls back to fetch if the beacon is rejected', async () => {
  const page = await open('/', {}, 'navigator.sendBeacon = () => false');
  await arrived(1);
  await page.context().close();
});

it('works without browser storage', async () => {
  const script = 'Object.defineProperty(window, "sessionStorage", { get() { throw new Error("denied") } })';
  const page = await open('/', {}, script);
  await arrived(1);
  expect(events[0]).toMatchObject({ session: null });
  await page.context().close();
});

it('sets no cookie', async () => {
  const page = await open('/');
  await arrived(1);
  expect(await page.context().cookies()).toEqual([]);
  await page.context().close();
});
