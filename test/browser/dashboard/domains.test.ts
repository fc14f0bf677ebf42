import { once } from 'node:events';
import { IncomingMessage, request } from 'node:http';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { pageSchema } from '#schemas/catalog.ts';
import { temporaryDirectory } from '../../pipeline/stack-facts.ts';
import { launchChromium } from '../chromium.ts';
import { savePicture } from './save-picture.ts';
import { signIn } from './sign-in.ts';

/** A stack with more domains, from the dashboard to the ledger. Chromium finds names below `localhost` without DNS. */

const { directory, remove } = temporaryDirectory();
let stack: LocalStack;
let browser: Browser;

const acme = 'go-acme.localhost';

beforeAll(async () => {
  [stack, browser] = await Promise.all([
    startLocalStack({
      dataDirectory: directory,
      port: 0,
      schedules: false,
      batchWindowSeconds: 0.3,
      linkDomains: [
        { name: acme, agency: 'acme', page: '/ada' },
        { name: 'go-west.localhost', agency: 'west' },
      ],
    }),
    launchChromium(),
  ]);
  const at = new Date().toISOString();
  await stack.catalog.createPage(
    pageSchema.parse({ path: '/ada', title: 'Ada', agency: 'acme', createdAt: at, updatedAt: at }),
  );
});
afterAll(async () => {
  await browser.close();
  await stack.stop();
  remove();
});

function at(host: string, path: string): string {
  const url = new URL(path, stack.url);
  url.hostname = host;
  return url.href;
}

async function openAsCreator(path: string, page: '/ada' | '/demo' = '/ada'): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const tab = await context.newPage();
  await signIn(tab, stack.url, 'creator', page);
  await tab.goto(`${stack.url}/app${path}`);
  return tab;
}

/** Node asks DNS, which need not know names below `localhost`. */
async function visit(host: string, path: string): Promise<{ status: number | undefined; to: string | undefined }> {
  const { port, host: named } = new URL(at(host, path));
  const headers = { host: named, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0' };
  const asked = request({ host: '127.0.0.1', port, path, headers }).end();
  const [response] = z.tuple([z.instanceof(IncomingMessage)]).parse(await once(asked, 'response'));
  response.resume();
  return { status: response.statusCode, to: response.headers.location };
}

it('a page at the domain of its agency: its links, QR codes and shares are there, and answer there only', async () => {
  const page = await openAsCreator('/pages/ada/editor');
  await page.getByLabel('Domain').selectOption(acme);
  expect(await page.getByLabel('Domain').locator('option').allInnerTexts()).toEqual(['localhost', acme]);
  await page.getByLabel('Closed links').fill('La vente est finie.\nÀ bientôt !');
  await page.getByLabel('Addresses without a link').fill('לא נמצא');
  await savePicture(page, 'domain-of-a-page');
  await page.getByRole('button', { name: 'Save link page' }).click();
  await page.getByText('Link page saved.').waitFor();
  await page.getByRole('link', { name: `${new URL(at(acme, '/')).host}/@ada` }).waitFor();

  await page.goto(`${stack.url}/app/pages/ada/links`);
  await page.getByRole('button', { name: 'Add link' }).click();
  await page.getByLabel('Destination', { exact: true }).fill('https://example.com/launch');
  await page.getByLabel('Title', { exact: true }).fill('Launch');
  await page.getByLabel('Short code').fill('launch');
  expect(await page.getByLabel('Domain').inputValue()).toBe(acme);
  await savePicture(page, 'domain-of-a-link');
  // The form shows a QR code before the link exists.
  const created = page.waitForResponse(
    (response) => response.request().method() === 'POST' && response.status() === 201,
  );
  await page.getByRole('button', { name: 'Create link' }).click();
  await created;
  await page.getByRole('img', { name: `QR code of ${at(acme, '/launch')}` }).waitFor();

  expect(await visit(acme, '/launch')).toEqual({ status: 302, to: 'https://example.com/launch' });
  expect((await visit('localhost', '/launch')).status).toBe(404);
  expect((await visit('go-west.localhost', '/launch')).status).toBe(404);
  expect(await visit(acme, '/')).toEqual({ status: 302, to: '/@ada' });
  expect((await visit('go-west.localhost', '/@ada')).status).toBe(404);
  expect((await visit(acme, '/duckdb')).status).toBe(404);

  const visitor = await browser.newContext();
  const tab = await visitor.newPage();
  await tab.goto(at(acme, '/nothing-here'));
  await tab.getByText('לא נמצא').waitFor();
  await tab.getByRole('link', { name: 'Other links of /@ada' }).click();
  await expect.poll(() => tab.url()).toBe(at(acme, '/@ada'));
  await visitor.close();

  // Two visits elsewhere are refused on its ledger, and none is lost.
  expect((await stack.idle()).idle).toBe(true);
  await stack.invoke(stack.outputs.ReceiptsFunction, { time: new Date().toISOString() });
  await page.goto(`${stack.url}/app/links/launch/ledger`);
  const refused = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'Refused' }) });
  await refused.getByText('2', { exact: true }).waitFor();

  await page.goto(`${stack.url}/app/pages/ada/settings?section=sharing`);
  await page.getByRole('button', { name: 'New share link' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Create share link' }).click();
  await page.getByText(`${at(acme, '/app/share')}#`).waitFor();
  await page.context().close();
});

it('a page without an agency has no choice, and nothing says so', async () => {
  const page = await openAsCreator('/pages/demo/editor', '/demo');
  await page.getByRole('button', { name: 'Save link page' }).waitFor();
  expect(await page.getByLabel('Domain').count()).toBe(0);
  await page.context().close();
});

it('an agency has its own name, logo and color on a share at its domain, and Hopcount is not there', async () => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  await signIn(page, stack.url, 'agency', 'acme');
  await page.goto(`${stack.url}/app/agencies/acme/overview`);
  await page.getByLabel('Name', { exact: true }).fill('Acme <b>Studio</b>');
  await page.getByLabel('Accent color').fill('#ffee00');
  const logo = await page.screenshot({ clip: { x: 0, y: 0, width: 320, height: 80 } });
  await page.getByLabel('Logo').setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: logo });
  await page.locator('.brand-preview img').waitFor();
  await page.getByLabel('Say “Powered by Hopcount”').uncheck();
  await savePicture(page, 'white-label');
  await page.getByRole('button', { name: 'Save white label' }).click();
  await page.getByText('White label saved.').waitFor();

  await page.goto(`${stack.url}/app/pages/ada/settings?section=sharing`);
  await page.getByRole('button', { name: 'New share link' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Create share link' }).click();
  const link = page.getByRole('dialog').getByText('/app/share#');
  const address = /http\S+#\S+/.exec((await link.innerText()).trim())?.[0] ?? '';
  await context.close();

  const visitor = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const shared = await visitor.newPage();
  const others: string[] = [];
  shared.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith('http') && host !== new URL(stack.url).host && !host.startsWith(acme)) others.push(host);
  });
  await shared.goto(address);
  await shared.getByText('Acme <b>Studio</b>').waitFor();
  await shared.locator('.brand-logo').waitFor();
  await expect.poll(() => shared.title()).toBe('Ada · Acme <b>Studio</b>');
  expect(await shared.locator('body').innerText()).not.toContain('Hopcount');
  expect(await shared.evaluate(() => document.documentElement.style.getPropertyValue('--accent'))).toMatch(
    /^light-dark/,
  );
  expect(others).toEqual([]);
  for (const [scheme, width] of [
    ['light', 1440],
    ['dark', 1440],
    ['light', 360],
    ['dark', 360],
  ] as const) {
    await shared.emulateMedia({ colorScheme: scheme });
    await shared.setViewportSize({ width, height: 800 });
    await savePicture(shared, `white-label-share-${scheme}-${width}`);
  }
  await visitor.close();
});

it('a white label that someone else has changed is not overwritten before its editor has seen it', async () => {
  const context = await browser.newContext({ viewport: { width: 360, height: 800 } });
  const page = await context.newPage();
  await signIn(page, stack.url, 'agency', 'west');
  await page.goto(`${stack.url}/app/agencies/west/overview`);
  // An agency without pages has nothing to search.
  await page.getByText('No pages in this agency yet.').waitFor();
  expect(await page.getByLabel('Search pages').count()).toBe(0);
  // The rate has a line about its change and the number of pages has none: their names are on one line.
  const tops = await page
    .locator('.figure')
    .evaluateAll((figures) =>
      figures.map((figure) => Math.round(figure.firstElementChild?.getBoundingClientRect().top ?? 0)),
    );
  expect(tops).toEqual([tops[0], tops[0], tops[2], tops[2]]);
  const save = page.getByRole('button', { name: 'Save white label' });
  expect(await save.isDisabled()).toBe(true);
  await page.getByLabel('Name', { exact: true }).fill('West');
  const signedIn = await (await fetch(`${stack.url}/_local/token?as=agency&for=west`)).json();
  const { token } = z.object({ token: z.string() }).parse(signedIn);
  const other = { name: 'Wild West', logo: null, accent: '#1f6a70', poweredBy: true };
  async function brand(method: 'GET' | 'PUT') {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const request = { method, headers, ...(method === 'PUT' && { body: JSON.stringify(other) }) };
    return (await fetch(`${stack.url}/api/v1/agencies/west/brand`, request)).json();
  }
  await brand('PUT');
  await save.click();
  await page.getByText('It has changed since you loaded it.').waitFor();
  expect(await brand('GET')).toEqual(other);
  await savePicture(page, 'white-label-outdated-360-light');
  await page.getByRole('button', { name: 'Load the stored white label' }).click();
  await expect.poll(() => page.getByLabel('Accent color').inputValue()).toBe('#1f6a70');
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('West');
  await save.click();
  await page.getByText('White label saved.').waitFor();
  expect(await brand('GET')).toEqual({ ...other, name: 'West' });
  await context.close();
});

it('users sign in at the stack’s own address', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(at(acme, '/app/pages'));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect.poll(() => new URL(page.url()).hostname).toBe('localhost');
  await context.close();
});
