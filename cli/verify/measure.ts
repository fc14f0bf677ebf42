import { z } from 'zod';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { dayLength } from '#core/time.ts';
import { addRefused, sumRefused } from '#core/ledger/refused.ts';
import type { HourNumbers } from '#core/ledger/report.ts';
import { eventTypes, outcomes } from '#schemas/event.ts';
import { createRollupReader } from '#stores/counters/rollup-reader.ts';
import { type LakeClient, orFail, queryTimeoutMs } from '#cli/lake/lake-client.ts';
import type { Stack } from '#cli/stack.ts';
import { pickOutcomes, type RowGroup } from './checks.ts';

/** What the counters hold of an entity. */
export interface Counted {
  hot: Record<string, number>;
  /** Undefined until all its hours are settled. */
  final: Record<string, number> | undefined;
  /** Requests that the edge has logged, and of these the refused ones that were counted and not kept as events. */
  received: number;
  notKept: number;
}

/** Reads the counters of an entity from a day before until a day after. @param now milliseconds since the epoch */
export async function readCounted(stack: Stack, entity: string, now: number): Promise<Counted> {
  const client = new DynamoDBClient(stack.clientOptions('dynamodb'));
  try {
    const reader = createRollupReader({ client, table: stack.outputs.RollupsTable, now: () => now });
    return sumHours(await reader.hours(entity, toDate(now - dayLength), toDate(now + dayLength)));
  } finally {
    client.destroy();
  }
}

function toDate(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function sumHours(hours: readonly HourNumbers[]): Counted {
  const notKept = sumRefused(addRefused(hours.map(({ refused }) => refused)));
  const finals = hours.flatMap(({ final }) => (final === undefined ? [] : [final]));
  return {
    hot: addUp(hours.map(({ hot }) => hot)),
    final: finals.length === hours.length ? addUp(finals) : undefined,
    received: hours.reduce((sum, { received }) => sum + received, 0) + notKept,
    notKept,
  };
}

/** Adds up the counters of outcomes, and leaves out the others. */
export function addUp(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const numbers of all)
    for (const [name, count] of Object.entries(pickOutcomes(numbers))) sums[name] = (sums[name] ?? 0) + count;
  return sums;
}

const rowSchema = z.tuple([
  z.string(),
  z.enum(eventTypes),
  z.enum(outcomes),
  z.string(),
  z.coerce.number(),
  z.coerce.number(),
  z.coerce.number(),
  z.coerce.number(),
]);

/** Reads the rows of a page from `raw_events` or, once its hours are settled, from `events`. */
export async function readRows(
  { athena }: LakeClient,
  table: 'raw_events' | 'events',
  { path, now }: { path: string; now: number },
): Promise<RowGroup[]> {
  const arrivals = "count(DISTINCT CAST(event_id AS varchar) || ' ' || CAST(received_at AS varchar))";
  const sql = `SELECT coalesce(link_id, ''), event_type, outcome, outcome_rule, ${arrivals}, count(*) - ${arrivals},
  count(DISTINCT visitor_id), count(DISTINCT country)
FROM ${table}
WHERE dt BETWEEN '${toDate(now - dayLength)}' AND '${toDate(now)}' AND page_path = '${path}'
GROUP BY link_id, event_type, outcome, outcome_rule`;
  const { rows } = await orFail(athena.statement(sql, { name: 'verify', deadline: queryTimeoutMs }));
  return rows.map((row) => {
    const [link, type, outcome, rule, events, repeats, visitors, countries] = rowSchema.parse(row);
    return { link, type, outcome, rule, events, repeats, visitors, countries };
  });
}
