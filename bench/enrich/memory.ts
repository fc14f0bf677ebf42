import { readFileSync } from 'node:fs';
import { enrichBatch } from '../../functions/enrich/enrich.ts';
import { parseQueueEvent } from '../../functions/enrich/queue-event.ts';
import { createEnrichOptions } from './options.ts';
import { createRandom, sqsEventText, trafficOf } from './traffic.ts';

/** `memory.ts <batches> [log]` runs batches of 1,000 events without geography and prints the process's largest resident size, in MB. */
const startAt = Date.UTC(2026, 10, 22, 7, 5);
const [, , count = '1', log] = process.argv;
const { visits } = trafficOf(log);
const random = createRandom(11);
const options = createEnrichOptions(startAt, { lake: { put: async () => undefined }, geography: () => null });

for (let batch = 0; batch < Number(count); batch++) {
  const from = (batch * 1_000) % (visits.length - 1_000);
  const text = sqsEventText(visits.slice(from, from + 1_000), startAt, random);
  await enrichBatch(parseQueueEvent(JSON.parse(text)), options);
}
/** `resourceUsage().maxRSS` would not do: on Linux, a child starts with its parent's value. */
const peakKilobytes = Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
console.log(Math.round(peakKilobytes / 1024));
