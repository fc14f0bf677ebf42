import { expect, test } from 'vitest';
import { z } from 'zod';
import { type EnrichContext, enrichEvent } from '#core/enrich/enrich-event.ts';
import { hmacKey } from '#core/visitors/hmac.ts';
import { createSalt } from '#core/visitors/identity.ts';
import { readMessage } from '#core/enrich/read-message.ts';
import { identityModes } from '#schemas/catalog-rules.ts';
import { clickMessageSchema } from '#schemas/click-message.ts';
import { goldenFiles } from './golden-files.ts';
import { clickMessage } from '#test/click-message.ts';

/**
 * An example is the part of a message that differs from a plain tap on a phone, or a whole queue body as text
 * (`{"body": "…"}`), and the settings of its page; what must come of it is the part of the row that matters, by field,
 * with 64-bit numbers as text and `set` for one that must be there.
 */
const example = z.object({
  says: z.string(),
  body: z.string().optional(),
  message: z.record(z.string(), z.unknown()).default({}),
  headers: z.record(z.string(), z.unknown()).default({}),
  unknownHeaders: z.array(z.string()).default([]),
  page: z
    .object({
      timeZone: z.string().default('UTC'),
      identities: z.enum(identityModes).default('none'),
      ownHosts: z.array(z.string()).default([]),
    })
    .prefault({}),
});
const expectation = z.object({
  row: z.record(z.string(), z.unknown()),
  failure: z.object({ reason: z.string(), field: z.string(), value: z.string() }).nullable().default(null),
});

const at = Date.UTC(2026, 10, 22, 6, 5, 7, 250);

const plainTap = clickMessage(at, {
  id: '81985529216486895',
  receivedAt: at + 3,
  destination: 'https://shop.example/merch',
  title: 'Merch',
  campaign: 'spring',
  address: '198.51.100.7',
  port: 46532,
  asn: 64500,
});
const plainHeaders = {
  userAgent:
    'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  referrer: null,
  accept: 'text/html,application/xhtml+xml',
  acceptLanguage: 'de-AT,de;q=0.9,en;q=0.8',
};

function bodyOf({ body, message, headers, unknownHeaders }: z.output<typeof example>): string {
  if (body !== undefined) return body;
  const known = Object.entries({ ...plainHeaders, ...headers }).filter(([name]) => !unknownHeaders.includes(name));
  return JSON.stringify({ ...plainTap, headers: Object.fromEntries(known), ...message });
}

function shown(value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

test('the plain tap is a message', () => {
  expect(clickMessageSchema.parse({ ...plainTap, headers: plainHeaders })).toBeDefined();
});

test.for(goldenFiles('enrich'))('$name', ({ input, output }) => {
  const given = example.parse(input);
  const expected = expectation.parse(output);
  const settings = { ...given.page, ownHosts: new Set(given.page.ownHosts), stackHosts: ['go.example'] };
  const salt = createSalt(hmacKey(new Uint8Array(32).fill(7)));
  const context: EnrichContext = {
    geography: (address) => (address === '198.51.100.7' ? { country: 'AT', region: 'Vienna', city: 'Wien' } : null),
    settingsOf: () => settings,
    saltOf: () => salt,
  };
  const read = readMessage({ messageId: 'a1b2', body: bodyOf(given), sentAt: at + 100 });
  const { row, failure } = enrichEvent(read, context);
  for (const [field, value] of Object.entries(expected.row)) {
    const actual = shown(Object.entries(row).find(([name]) => name === field)?.[1]);
    if (value === 'set') expect(actual, field).not.toBeNull();
    else expect(actual, field).toEqual(value);
  }
  expect(failure).toEqual(expected.failure);
});
