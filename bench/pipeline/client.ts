import { z } from 'zod';
import { openConnection } from './connection.ts';

/** Requests the given paths over a few connections, in a separate process, and reports the times. */

const orderSchema = z.object({
  port: z.number(),
  connections: z.number(),
  paths: z.array(z.string()),
});

const userAgents = [
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15',
];

export interface ClientReport {
  /** Milliseconds since the epoch at which each response arrived, ascending. */
  answeredAt: number[];
  /** Round trips in milliseconds. */
  roundTrips: number[];
  /** Responses by status. */
  statuses: Record<string, number>;
}

process.once('message', (message) => {
  void click(orderSchema.parse(message)).then((report) => {
    process.send?.(report, () => process.disconnect());
  });
});

async function click(order: z.infer<typeof orderSchema>): Promise<ClientReport> {
  const report: ClientReport = { answeredAt: [], roundTrips: [], statuses: {} };
  let next = 0;
  async function work(_: unknown, index: number): Promise<void> {
    const connection = await openConnection(order.port, userAgents[index % userAgents.length] ?? '');
    for (let path = order.paths[next++]; path !== undefined; path = order.paths[next++]) {
      const sent = performance.now();
      const status = await connection.get(path);
      report.roundTrips.push(performance.now() - sent);
      report.answeredAt.push(Date.now());
      report.statuses[status] = (report.statuses[status] ?? 0) + 1;
    }
    connection.close();
  }
  await Promise.all(Array.from({ length: order.connections }, work));
  return report;
}
