import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { metricLines } from '#core/edge/metric-line.ts';
import type { QueryReport } from './athena.ts';
import { keptDays } from '#schemas/catalog-rules.ts';
import { catalogPartitions } from '#schemas/tables.ts';
import { expiring } from '../dynamodb/items.ts';
import { createTable } from '../dynamodb/table.ts';

export interface QueryBudget {
  /** Bytes of one query above which a warning is logged. */
  bytes: number;
  /** Dollars of one UTC day above which a warning is logged. */
  dollarsADay: number;
}

export interface QueryCostsOptions {
  client: DynamoDBClient;
  /** The catalog table. */
  table: string;
  budget: QueryBudget;
  now: () => number;
  logger: {
    info: (message: string, details: Record<string, unknown>) => void;
    warn: (message: string, details: Record<string, unknown>) => void;
  };
  writeMetrics: (line: string) => void;
}

/** Logs each query, adds its cost to the day's, and warns when a query or a day exceeds its budget. */
export function createQueryCosts(options: QueryCostsOptions): (report: QueryReport) => Promise<void> {
  const { budget, now, logger, writeMetrics } = options;
  const table = createTable(options);

  /** Returns the dollars of the UTC day so far, this query included. */
  async function addToDay(dollars: number): Promise<number> {
    const key = spendingKey(new Date(now()).toISOString().slice(0, 10));
    const micros = Math.round(dollars * 1e6);
    return (await table.increment(key, 'microdollars', micros, expiring(now(), keptDays.costs))) / 1e6;
  }

  return async (report) => {
    const day = await addToDay(report.dollars);
    const over = [
      ...(report.bytes > budget.bytes ? [`it scanned ${report.bytes} bytes, above ${budget.bytes}`] : []),
      ...(day > budget.dollarsADay ? [`today's queries cost $${day}, above $${budget.dollarsADay}`] : []),
    ];
    for (const line of metricLines(now(), { QueryOverBudget: Math.min(over.length, 1) })) writeMetrics(line);
    if (over.length > 0) logger.warn('query over budget', { ...report, over });
    else logger.info('query', { ...report });
  };
}

/** Returns the key of what queries cost on a UTC date, in millionths of a dollar. */
export function spendingKey(date: string) {
  return { pk: catalogPartitions.queryCosts, sk: date };
}
