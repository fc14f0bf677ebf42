import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { openConnection } from './connection.ts';

/** Requests the given paths over a few connections, in a separate process, and reports the times. */

const orderSchema = z.object({
  port: z.number(),
  connections: z.number(),
  paths: z.array(z.string()),
  /** Milliseconds after the start at which each request is due, ascending. Without it, each follows a response at once. */
  due: z.array(z.number()).optional(),
});

export type Order = z.infer<typeof orderSchema>;

const userAgents = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15',
];

export interface ClientReport {
  /** Milliseconds since the epoch at which each response arrived, ascending. */
  answeredAt: number[];
  /** Milliseconds by request, from when it was due (or sent, if it had no time) to its response. */
  roundTrips: number[];
  /** Responses by status. */
  statuses: Record<string, number>;
}

process.once('message', (message) => {
  void click(orderSchema.parse(message)).then((report) => {
    process.send?.(report, () => process.disconnect());
  });
});

async function click(order: Order): Promise<ClientReport> {
  const report: ClientReport = { answeredAt: [], roundTrips: [], statuses: {} };
  const started = performance.now();
  let next = 0;
  async function work(_: unknown, index: number): Promise<void> {
    const connection = await openConnection(order.port, userAgents[index % userAgents.length] ?? '');
    for (;;) {
      const at = next++;
      const path = order.paths[at];
      if (path === undefined) break;
      const due = order.due?.[at];
      if (due !== undefined) await delay(Math.max(0, started + due - performance.now()));
      const from = due === undefined ? performance.now() : started + due;
      const status = await connection.get(path);
      report.roundTrips[at] = performance.now() - from;
      report.answeredAt.push(Date.now());
      report.statuses[status] = (report.statuses[status] ?? 0) + 1;
    }
    connection.close();
  }
  await Promise.all(Array.from({ length: order.connections }, work));
  return report;
}
