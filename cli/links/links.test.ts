import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { hashSubject } from '#core/settle/tombstone.ts';
import { stackOutputNames } from '#schemas/stack-outputs.ts';
import { createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { createSettleState } from '#stores/settle/settle-state.ts';
import { startDynamoDb, type TestDynamoDb } from '#test/dynamodb.ts';
import { command } from '#cli/commands/links.ts';
import { runProgram } from '#cli/program.ts';

let db: TestDynamoDb;
let folder: string;
beforeAll(async () => {
  db = await startDynamoDb();
  folder = await mkdtemp(path.join(tmpdir(), 'hopcount-cli-'));
  const names = Object.fromEntries(stackOutputNames.map((name) => [name, name === 'LinkDomains' ? '[]' : 'none']));
  const outputs = { ...names, CatalogTable: db.tables.catalog, IgnoreCase: 'false' };
  const stack = { url: 'http://go.example', region: 'us-east-1', allowReplay: false, outputs };
  await writeFile(path.join(folder, 'stack.json'), JSON.stringify({ ...stack, endpoints: { dynamodb: db.endpoint } }));
});
afterAll(async () => {
  await db.stop();
  await rm(folder, { recursive: true });
});

async function run(line: string, data = folder): Promise<{ code: number; output: string }> {
  const lines: string[] = [];
  const code = await runProgram({ links: async () => command }, ['links', ...line.split(' ')], {
    stdin: process.stdin,
    print: (text) => lines.push(text),
    note: (text) => lines.push(text),
    progress: () => undefined,
    environment: { HOPCOUNT_DATA: data },
    now: () => Date.parse('2026-11-22T07:00:00Z'),
    catchInterrupt: () => new AbortController().signal,
  });
  return { code, output: lines.join('\n') };
}

it('keeps the code of a deleted link for its page, until it is released', async () => {
  expect(await run('add poster https://a.example/ --page /ada')).toMatchObject({ code: 0 });
  expect(await run('add poster https://b.example/ --page /bob')).toMatchObject({
    code: 1,
    output: expect.stringContaining('the code `poster` already exists'),
  });
  expect(await run('release poster')).toMatchObject({ code: 1, output: expect.stringContaining('is not reserved') });
  expect(await run('delete poster')).toMatchObject({
    code: 0,
    output: expect.stringContaining('`hopcount links release poster` frees it'),
  });
  expect(await run('show poster')).toMatchObject({ code: 1 });

  const refused = { code: 1, output: expect.stringContaining('The code `poster` is reserved for the page `/ada`') };
  expect(await run('add poster https://b.example/ --page /bob')).toMatchObject(refused);
  const csv = path.join(folder, 'links.csv');
  await writeFile(csv, 'code,url\nposter,https://b.example/\nflyer,https://b.example/');
  const imported = await run(`import ${csv} --page /bob --replace`);
  expect(imported).toMatchObject(refused);
  expect(imported.output).toContain('1 links written, 1 rows invalid');

  expect(await run('release poster')).toEqual({
    code: 0,
    output: 'poster is free; it was reserved for /ada since 2026-11-22T07:00:00.000Z',
  });
  expect(await run('add poster https://b.example/ --page /bob')).toMatchObject({ code: 0 });
  expect((await run('show poster')).output).toMatch(/"id": "poster~[a-z0-9]{8}"/);
});

it('lists links by tag, and archived ones on their own', async () => {
  await run('add tagged https://a.example/ --page /eve --tag Spring --tag bio');
  await run('add plain https://a.example/ --page /eve');
  expect((await run('list --page /eve --tag SPRING')).output).toMatch(/^code.*\ntagged .*spring, bio\s*$/);
  expect(await run('archive tagged')).toMatchObject({ code: 0, output: expect.stringContaining('tagged is archived') });
  expect((await run('list --page /eve')).output).not.toContain('tagged');
  expect((await run('list --page /eve --archived')).output).toMatch(/^code.*\ntagged /);
  expect(await run('unarchive tagged')).toMatchObject({ code: 0 });
  expect(await run('list --page /eve --archived')).toMatchObject({ output: 'no links' });
});

it('does not create a page that was erased', async () => {
  const state = createSettleState({ client: db.client, table: db.tables.catalog, now: Date.now });
  await state.putTombstone({ hash: hashSubject({ kind: 'page', value: '/gone' }), kind: 'page', createdAt: 1 });
  expect(await run('add other https://a.example/ --page /gone')).toMatchObject({
    code: 1,
    output: expect.stringContaining('The page `/gone` was erased'),
  });
});

it('imports a file of another tool: asks, reports, writes once', async () => {
  const file = path.join(folder, 'export.csv');
  const text = `Printed as;url;Created\na-1;https://a.example/;2024-01-02 03:04\na/2;https://a.example/;\n`;
  await writeFile(file, Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]));
  async function importFile(options: string) {
    return run(`import ${file} --page /imp ${options}`.trim());
  }
  expect(await importFile('')).toMatchObject({ code: 2, output: expect.stringContaining('No column is `code`') });
  // The words of a command line are split at spaces here.
  await writeFile(file, text.replace('Printed as', 'Printed'));
  expect(await importFile('--map Printed=code')).toMatchObject({
    code: 2,
    output: expect.stringContaining('Use --zone'),
  });
  expect(await importFile('--map Printed=color')).toMatchObject({ code: 2 });
  const dry = await importFile('--map Printed=code --zone Europe/Vienna --dry-run');
  expect(dry.output).toContain('line 3, column Printed: `code`: must be 1 to 64');
  expect(dry.output).toContain('2 rows = 1 accepted + 1 refused + 0 repeated');
  expect(await run('show a-1')).toMatchObject({ code: 1 });
  expect((await importFile('--map Printed=code --zone Europe/Vienna')).output).toContain('1 links written');
  expect((await run('show a-1')).output).toContain('"createdAt": "2024-01-02T02:04:00.000Z"');
  expect((await importFile('--map Printed=code --zone Europe/Vienna')).output).toContain('+ 1 repeated');
  await writeFile(file, 'PK\u0003\u0004');
  expect(await importFile('')).toMatchObject({ code: 1, output: expect.stringContaining('Excel workbook') });
});

it.each(['csv', 'json'])(
  'exports all links as %s, and imports them into an empty stack as they were',
  async (format) => {
    const empty = await startDynamoDb();
    onTestFinished(() => empty.stop());
    await run(
      'add 007 https://a.example/x?y=;=z --page /round --title =Ähre --alias 1e5 --alias=-dash --tag sale --click-limit 9',
    );
    await run('add Sale https://a.example/sale --page /trip --expires 2027-01-01T00:00:00Z --campaign spring');
    await run('archive Sale');
    const file = path.join(folder, `round.${format}`);
    const exported = await run(`export --format ${format} --out ${file}`);
    expect(exported).toMatchObject({ code: 0, output: expect.stringMatching(/^\d+ links in /) });
    expect(await run(`export --format ${format} --out ${file}`)).toMatchObject({ code: 1 });

    const catalog = createCatalogAdmin({ client: empty.client, table: empty.tables.catalog });
    const copy = path.join(folder, `copy-${format}`);
    await mkdir(copy, { recursive: true });
    const stack: unknown = JSON.parse(await readFile(path.join(folder, 'stack.json'), 'utf8'));
    await writeFile(
      path.join(copy, 'stack.json'),
      JSON.stringify(stack).replaceAll(db.tables.catalog, empty.tables.catalog).replaceAll(db.endpoint, empty.endpoint),
    );
    const imported = await run(`import ${file}`, copy);
    expect(imported).toMatchObject({ code: 0 });
    const source = createCatalogAdmin({ client: db.client, table: db.tables.catalog });
    for (const code of ['007', 'Sale']) {
      const [before, after] = [await source.getLink(code), await catalog.getLink(code)];
      expect(after).toEqual({ ...before, id: expect.any(String) });
    }
    expect((await catalog.findCodes(['1e5', '-dash'])).get('1e5')).toMatchObject({
      kind: 'alias',
      link: { code: '007' },
    });
  },
);
