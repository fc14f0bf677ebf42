import { afterAll, beforeAll, expect, it } from 'vitest';
import { problemSchema } from '#schemas/api.ts';
import { importLimits, importResultSchema } from '#schemas/api/imports.ts';
import { startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
});
afterAll(() => world.stop());

function rows(count: number, more = ''): string {
  return `code,url\n${Array.from({ length: count }, (_, at) => `c${at},https://example.com/${at}${more}`).join('\n')}`;
}
function send(csv: string) {
  return world.ask('ada', 'imports', { method: 'post', body: { csv, page: '/ada', replace: true } });
}

it('accepts the maximum number of rows', async () => {
  const answer = await send(rows(importLimits.rows));
  expect(answer.status).toBe(201);
  expect(importResultSchema.parse(await answer.json())).toMatchObject({ written: importLimits.rows, refused: [] });
});

it.each([
  ['rows', rows(importLimits.rows + 1), `${importLimits.rows + 1} rows`],
  [
    'rows, including rejected ones',
    `${rows(importLimits.rows)}\nbad,ftp://example.com/`,
    `${importLimits.rows + 1} rows`,
  ],
  ['bytes', rows(1_000, 'ä'.repeat(600)), /^1\d{6} bytes$/],
])('rejects more %s, names the number, and writes nothing', async (_what, csv, found) => {
  const fresh = csv.replaceAll(/^c(\d+),/gm, 'new$1,');
  const answer = await send(fresh);
  expect(answer.status).toBe(413);
  const problem = problemSchema.parse(await answer.json());
  const [error] = problem.errors ?? [];
  expect(error?.value).toEqual(typeof found === 'string' ? found : expect.stringMatching(found));
  expect(problem.detail).toMatch(
    /^`csv` must be at most [\d]+ (rows|bytes) \(send a larger file in parts, each with the header line\)/,
  );
  expect((await world.ask('ada', 'links/new0')).status).toBe(404);
});
