/**
 * Measures redirect without the network: the logic per click against a bare Hono route that redirects the same links, the
 * bundle's size against the same function with the SDK's defaults, and the time to import it.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { Hono } from 'hono';
import { createEventIds } from '../core/edge/event-id.ts';
import { createRefusedLimit } from '../core/edge/refused-limit.ts';
import { parseEdgeRequest } from '../core/edge/edge-request.ts';
import { createServedDomains } from '../core/links/served-domains.ts';
import { plainLink, plainPage } from '../core/links/link.fixture.ts';
import { createRedirect } from '../functions/redirect/redirect.ts';
import type { Link } from '../schemas/catalog.ts';
import { bundling, edgeAliases } from '../schemas/bundling.ts';
import type { LinkDomain } from '../schemas/settings/link-domains.ts';
import { createLookupCache } from '../stores/cache/lookup-cache.ts';

const rounds = 9;
const clicks = 20_000;
const linkCount = 2_000;

const links = new Map(
  Array.from({ length: linkCount }, (_, n) => [
    `c${n}`,
    { ...plainLink, code: `c${n}`, url: `https://shop.example/${n}` },
  ]),
);
const rules = {
  countryUrls: { DE: 'https://shop.example/de' },
  deviceUrls: { ios: 'https://apps.example/' },
  passQuery: true,
  utm: { utm_medium: 'bio' },
};
const ruled = new Map([...links].map(([code, link]) => [code, { ...link, ...rules }]));
const extras = {
  variants: [{ url: 'https://shop.example/b', weight: 50 }],
  card: { title: 'Spring', description: null, image: null },
  clickLimit: 1_000_000,
};
const linkDomains: LinkDomain[] = [{ name: 'go.acme.example', agency: 'acme', page: null, serves: 'own' }];
const named = new Map([...links].map(([code, link]) => [code, { ...link, domain: 'go.acme.example' }]));
const extended = new Map([...links].map(([code, link]) => [code, { ...link, ...extras }]));

const events = Array.from({ length: linkCount }, (_, n) => ({
  rawPath: `/c${n}`,
  rawQueryString: 'utm_source=newsletter&ref=top',
  headers: {
    'user-agent':
      'Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36',
    referer: 'https://social.example/feed',
    accept: 'text/html,application/xhtml+xml',
    'accept-language': 'de-AT,de;q=0.9,en;q=0.5',
    'cloudfront-viewer-address': `198.51.100.${n % 250}:${1024 + n}`,
    'cloudfront-viewer-country': n % 2 ? 'DE' : 'AT',
    'cloudfront-viewer-asn': '64500',
    'x-client-hints': 'host=go.acme.example&sec-ch-ua-mobile=%3F1&sec-ch-ua-platform=%22Android%22',
  },
  requestContext: { timeEpoch: 1_795_000_000_000 + n, http: { method: 'GET' } },
}));
type Event = (typeof events)[number];

const page = createHopcount(links);
const contenders: Record<string, (event: Event) => Promise<number>> = {
  'Hono: redirect only': createHono(),
  redirect: createHopcount(links),
  'redirect, own domain': createHopcount(named, linkDomains),
  'redirect, all rules': createHopcount(ruled),
  'split test, card, limit': createHopcount(extended),
  'link page, 20 links': (event) => page({ ...event, rawPath: '/@ada' }),
};

const importScript = `
globalThis.awslambda = { streamifyResponse: (handler) => handler };
const start = performance.now();
await import(process.argv[2]);
process.stdout.write(String(performance.now() - start));
`;

await benchLogic();
await benchImport();

/** Does the work of a click up to the send, with message body and log line, which are discarded. */
function createHopcount(from: ReadonlyMap<string, Link>, domains: readonly LinkDomain[] = []) {
  let written = 0;
  const findLink = createLookupCache({ load: async (code) => from.get(code), now: Date.now }).get;
  const redirect = createRedirect({
    findLink,
    askedDomain: createServedDomains({ domains, main: 'go.example' }),
    ignoreCase: false,
    homeUrl: undefined,
    findPage: async () => ({ page: plainPage, links: [...from.values()].slice(0, 20) }),
    takeClick: async () => true,
    keepsRefused: createRefusedLimit(),
    nextId: createEventIds(),
    writeLine: (line) => {
      written += line.length;
    },
  });
  return async (event: Event): Promise<number> => {
    const { response, message } = await redirect(parseEdgeRequest(event, false));
    return response.status + JSON.stringify(message).length + written;
  };
}

/** The opponent, which only redirects. */
function createHono() {
  const app = new Hono().get('/:code', (context) => {
    const link = links.get(context.req.param('code'));
    return link ? context.redirect(link.url) : context.notFound();
  });
  return async (event: Event): Promise<number> => {
    const request = new Request(`https://go.example${event.rawPath}?${event.rawQueryString}`, {
      headers: event.headers,
    });
    const response = await app.fetch(request);
    return response.status + (await response.text()).length;
  };
}

async function benchLogic(): Promise<void> {
  const times = new Map<string, number[]>(Object.keys(contenders).map((name) => [name, []]));
  for (const run of Object.values(contenders)) await microsecondsEach(run);
  for (let round = 0; round < rounds; round++)
    for (const [name, run] of Object.entries(contenders)) times.get(name)?.push(await microsecondsEach(run));
  const base = median(times.get('Hono: redirect only') ?? []);
  console.log(`logic, µs per request, median of ${rounds} × ${clicks} (limit 60, target 20)`);
  for (const [name, values] of times) {
    const own = median(values);
    console.log(`  ${name.padEnd(24)} ${shown(own).padStart(6)}   ${(own / base).toFixed(2)} × Hono`);
  }
}

async function microsecondsEach(run: (event: Event) => Promise<number>): Promise<number> {
  const start = performance.now();
  for (let n = 0; n < clicks; n++) {
    const event = events[n % events.length];
    if (event) await run(event);
  }
  return ((performance.now() - start) * 1000) / clicks;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

function shown(value: number): string {
  return value.toFixed(value < 10 ? 2 : 0);
}

async function benchImport(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'hopcount-bench-'));
  const script = join(directory, 'import.mjs');
  writeFileSync(script, importScript);
  const { mainFields: _, ...sdkDefaults } = bundling;
  const bundles: Record<string, BuildOptions> = {
    'SDK with its defaults': sdkDefaults,
    'as it is deployed': { ...bundling, mainFields: [...bundling.mainFields], alias: edgeAliases },
  };
  const env = {
    ...process.env,
    AWS_REGION: 'us-east-1',
    CATALOG_TABLE: 'c',
    CLICK_QUEUE_URL: 'http://q/',
    ORIGIN_SECRET: 'none',
    ALLOW_REPLAY: 'false',
    IGNORE_CASE: 'false',
    HOME_URL: 'none',
    LINK_DOMAINS: '[]',
    MAIN_DOMAIN: 'none',
  };
  const sizes = new Map<string, number>();
  const times = new Map<string, number[]>();
  for (const [name, options] of Object.entries(bundles)) {
    const outfile = join(directory, `${sizes.size}.mjs`);
    const { metafile } = await build({
      ...options,
      entryPoints: ['functions/redirect/handler.ts'],
      outfile,
      metafile: true,
    });
    sizes.set(name, Object.values(metafile.outputs)[0]?.bytes ?? Number.NaN);
  }
  for (let round = 0; round < rounds; round++)
    for (const [n, name] of Object.keys(bundles).entries()) {
      const time = execFileSync(process.execPath, [script, join(directory, `${n}.mjs`)], { env, encoding: 'utf8' });
      times.set(name, [...(times.get(name) ?? []), Number(time)]);
    }
  rmSync(directory, { recursive: true });
  console.log(
    `bundle, KB minified (limit 500, target 300), and import, ms, median of ${rounds} processes (limit 120, target 60)`,
  );
  for (const [name, bytes] of sizes)
    console.log(
      `  ${name.padEnd(24)} ${shown(bytes / 1000).padStart(6)} KB ${shown(median(times.get(name) ?? [])).padStart(6)} ms`,
    );
}
