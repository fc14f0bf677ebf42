import { randomBytes } from 'node:crypto';
import { hmacKey } from '#core/enrich/hmac.ts';
import { createSalt } from '#core/enrich/identity.ts';
import { ulidOf } from '#core/ulid.ts';
import { enrichBatch } from '#functions/enrich/enrich.ts';
import { recordsOf } from '#functions/enrich/queue-event.ts';
import { createRandom, sqsEventText, trafficOf } from './traffic.ts';

/** Runs twenty batches of 1,000 events without geography and prints the process's largest resident size, in MB. */
const startAt = Date.UTC(2026, 10, 22, 7, 5);
const { visits } = trafficOf(process.argv[2]);
const random = createRandom(11);
const key = hmacKey(randomBytes(32));

for (let batch = 0; batch < 20; batch++) {
  const from = (batch * 1_000) % (visits.length - 1_000);
  await enrichBatch(recordsOf(JSON.parse(sqsEventText(visits.slice(from, from + 1_000), startAt, random))), {
    lake: { put: async () => undefined },
    pages: { get: async () => undefined },
    salts: { saltsOf: async (dates) => new Map(Array.from(dates.keys(), (date) => [date, createSalt(key)])) },
    geography: () => null,
    now: () => startAt,
    ulid: () => ulidOf(startAt, randomBytes(16)),
  });
}
console.log(Math.round(process.resourceUsage().maxRSS / 1024));
