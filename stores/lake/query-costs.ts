import { type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { metricLine } from '#core/edge/metric-line.ts';
import type { QueryReport } from './athena.ts';
import { keptDays } from '#schemas/catalog-rules.ts';
import { expiryAttribute } from '#schemas/tables.ts';
import { expiring } from '../dynamodb/catalog-table.ts';
import { StoreUnavailable } from '../errors.ts';

export interface QueryBudget {
  /** Bytes of one query above which somebody is told. */
  bytes: number;
  /** Dollars of one UTC day above which somebody is told. */
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

/** Logs each query, adds its cost to the day's, raises the metrics, and says when a budget is passed. */
export function createQueryCosts(options: QueryCostsOptions): (report: QueryReport) => Promise<void> {
  const { client, table, budget, now, logger, writeMetrics } = options;

  /** Dollars of the day so far, this query included. */
  async function addToDay(dollars: number): Promise<number> {
    try {
      const { Attributes } = await client.send(
        new UpdateItemCommand({
          TableName: table,
          Key: marshall(spendingKey(new Date(now()).toISOString().slice(0, 10))),
          UpdateExpression: 'ADD #micros :micros SET #expires = :expires',
          ExpressionAttributeNames: { '#micros': 'microdollars', '#expires': expiryAttribute },
          ExpressionAttributeValues: marshall({
            ':micros': Math.round(dollars * 1e6),
            ':expires': expiring(now(), keptDays.costs)[expiryAttribute],
          }),
          ReturnValues: 'UPDATED_NEW',
        }),
      );
      return Number(Attributes?.['microdollars']?.N ?? 0) / 1e6;
    } catch (cause) {
      throw new StoreUnavailable(`${table} did not add up the cost of a query`, { cause });
    }
  }

  return async (report) => {
    const day = await addToDay(report.dollars);
    const over = [
      ...(report.bytes > budget.bytes ? [`it scanned ${report.bytes} bytes, above ${budget.bytes}`] : []),
      ...(day > budget.dollarsADay ? [`today's queries cost $${day}, above $${budget.dollarsADay}`] : []),
    ];
    writeMetrics(
      metricLine(
        now(),
        [
          { name: 'QueryMilliseconds', value: report.milliseconds, unit: 'Milliseconds' },
          { name: 'QueryBytes', value: report.bytes, unit: 'Count' },
          { name: 'QueryMicrodollars', value: Math.round(report.dollars * 1e6), unit: 'Count' },
          { name: 'QueryFailed', value: report.state === 'SUCCEEDED' ? 0 : 1, unit: 'Count' },
        ],
        { Query: report.query },
      ),
    );
    // Without the query's name: one alarm watches them all.
    writeMetrics(metricLine(now(), [{ name: 'QueryOverBudget', value: over.length > 0 ? 1 : 0, unit: 'Count' }]));
    if (over.length > 0) logger.warn('query over budget', { ...report, over });
    else logger.info('query', { ...report });
  };
}

/** What the lake's queries cost on a UTC date, in millionths of a dollar. */
export function spendingKey(date: string) {
  return { pk: 'query-costs', sk: date };
}
