import { fc } from '#test/property.ts';
import { expect, test } from 'vitest';
import { enrichEvent, unknownPage } from './enrich-event.ts';
import { toParquet } from './parquet-file.ts';
import { readMessage } from './read-message.ts';
import { clickMessage } from '#test/click-message.ts';

const sentAt = Date.UTC(2026, 10, 22, 7);
const context = { geography: () => null, settingsOf: () => unknownPage, saltOf: () => null };

function body(part: object): string {
  const view = { type: 'page_view', link: null, destination: null, address: null, port: null };
  return JSON.stringify(clickMessage(sentAt, { ...view, ...part }));
}

function outcomeOf(text: string): string {
  return enrichEvent(readMessage({ messageId: 'm', body: text, sentAt }), context).row.outcome;
}

test('any body becomes one row that can be written to a file', () => {
  const fields = Object.keys(JSON.parse(body({})));
  const anyBody = fc.oneof(
    fc.string(),
    fc.json(),
    fc
      .tuple(fc.constantFrom(...fields), fc.jsonValue({ noUnicodeString: false }))
      .map(([name, value]) => body({ [name]: value })),
    fc.dictionary(fc.constantFrom(...fields), fc.jsonValue()).map((part) => body(part)),
  );
  fc.assert(
    fc.property(anyBody, (text) => {
      const { row } = enrichEvent(readMessage({ messageId: 'm', body: text, sentAt }), context);
      expect(toParquet([row]).byteLength).toBeGreaterThan(0);
    }),
    { numRuns: 500 },
  );
});

test('a body nested deeper than the stack fails alone', () => {
  const depth = 200_000;
  const deep = `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const text = body({ type: 'custom' }).replace('"properties":null', `"properties":{"a":${deep}}`);
  expect(outcomeOf(text)).toBe('failed');
  expect(outcomeOf(deep)).toBe('failed');
});

test('the failure names the offending value, cut to 200 characters', () => {
  const read = readMessage({ messageId: 'm', body: body({ page: { a: 'x'.repeat(1000) } }), sentAt });
  expect(read.kind === 'failed' && read.failure).toMatchObject({ reason: 'invalid.page', field: 'page' });
  expect(read.kind === 'failed' && read.failure.value.length).toBe(200);
});

test('cuts a user agent and a query of 300 KB, and counts the event', () => {
  const long = `Mozilla/5.0 (Windows NT 10.0) Chrome/124.0.0.0 ${'a(b;'.repeat(75_000)}`;
  expect(
    outcomeOf(
      body({ headers: { userAgent: long, acceptLanguage: long }, query: `utm_source=x&${'&'.repeat(300_000)}` }),
    ),
  ).toBe('counted');
});

test('a message without an id gets the same id on every delivery', () => {
  const first = readMessage({ messageId: 'm', body: '{}', sentAt });
  const again = readMessage({ messageId: 'm', body: '{}', sentAt });
  expect(first).toEqual(again);
});

test('accepts events up to 30 days old, and not a millisecond older', () => {
  const limit = sentAt - 30 * 86_400_000;
  expect(outcomeOf(body({ occurredAt: limit }))).toBe('counted');
  expect(outcomeOf(body({ occurredAt: limit - 1 }))).toBe('failed');
});
