import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { addDays } from '#core/ledger/time-range.ts';
import { createOutbox } from '#local/aws/outbox.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { linkSchema, pageSchema } from '#schemas/catalog.ts';
import { temporaryDirectory } from '#test/pipeline/stack-facts.ts';
import { type DayOfTraffic, putTraffic } from './traffic.ts';

const zone = 'Europe/Vienna';
const first = '2026-10-26';
const dropDay = addDays(first, 21);
const madeAt = '2026-01-01T00:00:00Z';
const { directory, remove } = temporaryDirectory();
let stack: LocalStack;

beforeAll(async () => {
  stack = await startLocalStack({ dataDirectory: directory, port: 0, schedules: false, seed: false });
  for (const [name, agency] of [
    ['ada', null],
    ['bob', null],
  ] as const) {
    const base = { path: `/${name}`, title: `${name} <b>writes</b>`, timeZone: zone, agency };
    const alerts = { recipients: [`${name}@example.com`], quietHours: { from: 22, to: 7 } };
    await stack.catalog.putPage(pageSchema.parse({ ...base, alerts, createdAt: madeAt, updatedAt: madeAt }));
    await stack.catalog.putLink(
      linkSchema.parse({
        code: `${name}-link`,
        page: `/${name}`,
        url: 'http://127.0.0.1:9/merch',
        createdAt: madeAt,
        updatedAt: madeAt,
      }),
    );
  }
}, 240_000);
afterAll(async () => {
  await stack.stop();
  remove();
});

/** Every third view comes from Instagram; on the day of the drop none does. */
const source = (index: number) =>
  index % 3 === 0
    ? { referrer_host: 'l.instagram.com', referrer_class: 'social' as const, referrer_name: 'Instagram' }
    : { referrer_host: null, referrer_class: 'direct' as const, referrer_name: null };

const dayOf = (page: string, date: string, views: number): DayOfTraffic => ({
  page,
  zone,
  date,
  views,
  clicks: Math.round(views / 5),
  row: source,
});
/** Swings a little, as pages do. */
const usual = (date: string): number => 300 + ((Date.parse(date) / 86_400_000) % 5) * 6;

const days = (from: string, count: number): string[] => Array.from({ length: count }, (_, at) => addDays(from, at));
const outbox = () => createOutbox(path.join(directory, 'outbox.ndjson')).list().toReversed();
const fold = (text: string | null): string =>
  (text ?? '').replaceAll(/<[^>]*>|[\u2066-\u2069]/g, '').replaceAll(/\s+/g, ' ');

const settle = async (time: string): Promise<void> => {
  const { idle } = await stack.idle(60_000);
  expect(idle).toBe(true);
  expect(await stack.invoke(stack.outputs.SettleFunction, { time })).toMatchObject({ state: 'done', refused: [] });
};

/** Twice at once, as a scheduler may fire, and once more. */
const detectThrice = async (time: string): Promise<unknown[]> => {
  const run = () => stack.invoke(stack.outputs.DetectFunction, { time });
  return [...(await Promise.all([run(), run()])), await run()];
};

it('says nothing while nothing is settled, and nothing of quiet days', async () => {
  expect(await stack.invoke(stack.outputs.DetectFunction, { time: `${dropDay}T00:25:00Z` })).toMatchObject({
    skipped: { 'nothing-settled': 1 },
  });
  await putTraffic(
    stack,
    days(first, 21).flatMap((date) => [dayOf('/ada', date, usual(date)), dayOf('/bob', date, usual(date))]),
  );
  await settle(`${dropDay}T00:12:00Z`);
  const runs = await detectThrice(`${dropDay}T00:25:00Z`);
  expect(runs[2]).toMatchObject({ pages: 2, alerts: 0, mails: 0, skipped: { 'no-new-settled-day': 2 } });
  expect(outbox()).toEqual([]);
}, 240_000);

it('tells of a drop once, with its cause and its broken destination, after the quiet hours', async () => {
  await putTraffic(stack, [
    { ...dayOf('/ada', dropDay, 60), row: () => source(1) },
    dayOf('/bob', dropDay, usual(dropDay)),
  ]);
  const next = addDays(dropDay, 1);
  await settle(`${next}T00:12:00Z`);
  await detectThrice(`${next}T00:25:00Z`);
  expect(outbox()).toEqual([]);
  await detectThrice(`${next}T06:25:00Z`);
  expect(outbox().map(({ to, subject }) => [to, subject])).toEqual([
    [['ada@example.com'], expect.stringMatching(/^ada <b>writes<\/b>: 8\d\s% fewer views than usual$/)],
  ]);
  const [mail] = outbox();
  expect(mail?.headers).toMatchObject({ 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' });
  expect(mail?.headers['List-Unsubscribe']).toMatch(
    /^<http:\/\/localhost:\d+\/api\/mail\/unsubscribe\?token=[\w.-]+>$/,
  );
  for (const part of [fold(mail?.html ?? null), fold(mail?.text ?? null)]) {
    expect(part).toContain('/ada-link is broken');
    expect(part).toContain('leads to an address that is not public');
    expect(part).toMatch(/60 views on \w+ 16 November; about 3\d\d would have been usual/);
    expect(part).toMatch(/With the setting “normal” you would have had 1 alert in 90 days/);
  }
  expect(mail?.html).toContain('ada &lt;b&gt;writes&lt;/b&gt;');
}, 240_000);

it('tells of its end once, and nothing in between', async () => {
  for (const date of days(addDays(dropDay, 1), 3)) {
    await putTraffic(stack, [dayOf('/ada', date, usual(date)), dayOf('/bob', date, usual(date))]);
    const next = addDays(date, 1);
    await settle(`${next}T00:12:00Z`);
    await detectThrice(`${next}T00:25:00Z`);
    await detectThrice(`${next}T06:25:00Z`);
  }
  expect(
    outbox()
      .map(({ to, subject }) => [to, subject])
      .slice(1),
  ).toEqual([[['ada@example.com'], 'ada <b>writes</b>: back to usual']]);
}, 240_000);
