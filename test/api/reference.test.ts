import { stripTypeScriptTypes } from 'node:module';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { createContext, runInContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createdShareSchema } from '#schemas/api/shares.ts';
import { parseDocument } from '#functions/api/reference/document.ts';
import { requestExample } from '#functions/api/reference/request-examples.ts';
import { sampleOf } from '#functions/api/reference/samples.ts';
import { type OpenApi, operationsOf, parserOf, readDocument } from './openapi-client.ts';
import { startWorld, type World } from './world.ts';

let world: World;
let source: OpenApi;
let document: ReturnType<typeof parseDocument>;
let html: string;
let listed: unknown;
beforeAll(async () => {
  world = await startWorld();
  source = await readDocument(world);
  listed = await (await world.ask('', 'openapi.json')).json();
  document = parseDocument(listed);
  html = await (await world.ask('', 'reference')).text();
});
afterAll(() => world.stop());

describe('the examples of the reference', () => {
  it('are, for every route, a request that the API understands', async () => {
    const seen: string[] = [];
    const body = { page: '/ada', expiresAt: '2026-12-01T00:00:00Z' };
    const created = await world.ask('root', 'shares', { method: 'post', body });
    const { token } = createdShareSchema.parse(await created.json());
    for (const operation of document.operations) {
      const { curl, typescript } = requestExample(operation, document);
      const asked = await runCommand(curl, token);
      const { url, ...options } = asked;
      const response = await world.app.request(url.replace('SHARE_TOKEN', token), toInit(options));
      const { status } = response;
      const text = await response.text();
      // 404 for ids that do not exist here, 401 for a token in a body, 503 without a lake; no example is invalid.
      expect([200, 201, 202, 204, 401, 404, 409, 503], `${curl}\n${text}`).toContain(status);
      expect(text, curl).not.toContain('Route not found');
      expect(Object.keys(operation.responses), curl).toContain(String(status));
      expect(await runTypeScript(typescript, token), typescript).toEqual(asked);
      seen.push(operation.operationId);
    }
    expect(seen.sort()).toEqual(
      operationsOf(source)
        .map(({ operationId }) => operationId)
        .sort(),
    );
  });

  it('have bodies and responses that their schemas allow', () => {
    for (const { operationId, body, success } of document.operations) {
      const { requestBody, responses } = operationsOf(source).find((each) => each.operationId === operationId) ?? {};
      const sent = requestBody?.content['application/json']?.schema;
      if (body && sent) parserOf(source, sent).parse(sampleOf(body, document.schemas, 'required'));
      const received = responses?.[success.status]?.content?.['application/json']?.schema;
      if (success.schema && received)
        expect(
          parserOf(source, received).safeParse(sampleOf(success.schema, document.schemas, 'all')).error,
          operationId,
        ).toBeUndefined();
    }
  });
});

describe('the page', () => {
  it('loads nothing, and allows its own script and style only', async () => {
    const policy = (await world.ask('', 'reference')).headers.get('content-security-policy');
    expect(policy).toMatch(
      /^default-src 'none'; style-src 'sha256-[^' ]+'; script-src 'sha256-[^' ]+'; frame-ancestors 'none'/,
    );
    expect(html).not.toMatch(/\s(?:on\w+|style|src)=|href="https?:/);
  });

  it('has each route and each object once, and leads to both', () => {
    const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids).toHaveLength(new Set(ids).size);
    const targets = [...html.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id);
    for (const target of targets) expect(ids, target).toContain(target);
    for (const { operationId } of document.operations) expect(targets).toContain(operationId);
    const order = z
      .object({ tags: z.array(z.object({ name: z.string() })) })
      .parse(listed)
      .tags.map(({ name }) => name);
    expect([...new Set(document.operations.map(({ tags }) => tags[0]))]).toEqual(order);
    for (const name of Object.keys(document.schemas)) expect(targets).toContain(`object-${name}`);
  });

  it('says what a value may be in words', () => {
    const [, main = ''] = /<main>(.*)<\/main>/s.exec(html) ?? [];
    const text = main.replaceAll(/<[^>]+>/g, '');
    for (const words of [
      'one of 301, 302, 307, 308 · default 302',
      'integer or null · 1 to 1,000,000 · default null',
      'list of string · at most 10 items · each 1 to 40 characters · default []',
      'string · matches ^/[A-Za-z0-9._-]{1,64}$ required',
      'Callers: Admins. API keys need the scope admin.',
      'Callers: All users. Not with an API key.',
    ])
      expect(text).toContain(words);
    expect(text).not.toMatch(/\[object|undefined/);
  });
});

interface Asked {
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body: unknown;
}

function toInit({ body, ...options }: Omit<Asked, 'url'>): RequestInit {
  return { ...options, ...(body !== undefined && { body: JSON.stringify(body) }) };
}

function variables(share: string) {
  return { HOPCOUNT_TOKEN: 'root', HOPCOUNT_SHARE: share };
}

/** Lets a shell read the command, and returns the request that curl would send. */
async function runCommand(command: string, share: string): Promise<Asked> {
  const script = `curl() { printf '%s\\0' "$@"; }\n${command}`;
  const { stdout } = await promisify(execFile)('sh', ['-c', script], {
    env: { PATH: process.env['PATH'], ...variables(share) },
  });
  const args = stdout.split('\0').slice(0, -1);
  const options = new Map<string, string[]>();
  for (let flag = ''; args.length > 0; ) {
    const word = args.shift() ?? '';
    if (flag === '' && word.startsWith('-')) flag = word;
    else {
      options.set(flag, [...(options.get(flag) ?? []), word]);
      flag = '';
    }
  }
  const [body] = options.get('-d') ?? [];
  return {
    method: options.get('-X')?.[0] ?? 'GET',
    url: z.url().parse(options.get('')?.[0]),
    headers: Object.fromEntries((options.get('-H') ?? []).map((line) => line.split(': ', 2))),
    body: body === undefined ? undefined : JSON.parse(body),
  };
}

const sentSchema = z.object({
  method: z.string().default('GET'),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
});

/** Runs the example, and returns the request that it sends. */
async function runTypeScript(code: string, share: string): Promise<Asked> {
  const asked: Asked[] = [];
  async function fetch(url: string, options: unknown = {}): Promise<Response> {
    const { body, ...sent } = sentSchema.parse(options);
    asked.push({ ...sent, url, body: body === undefined ? undefined : JSON.parse(body) });
    return Response.json({});
  }
  const context = createContext({ fetch, process: { env: variables(share) } });
  await runInContext(`(async () => {${stripTypeScriptTypes(code)}})()`, context);
  const [request] = asked;
  if (request === undefined || asked.length > 1) throw new Error(`${asked.length} requests`);
  return request;
}
