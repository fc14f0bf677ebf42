import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { HourNumbers } from '#core/ledger/report.ts';
import type { Backlog } from '#core/settle/closing.ts';
import { windowLength } from '#core/ledger/windows.ts';
import { endOf, type UtcHour } from '#core/settle/hours.ts';
import { entityKeys, outcomeAttribute } from '#schemas/counters.ts';
import { outcomes } from '#schemas/event.ts';
import { StoreUnavailable } from '../errors.ts';
import type { RollupReader } from '../counters/rollup-reader.ts';

const countedAttributes = ['views', 'clicks', 'customs'];
const uncountedAttributes = outcomes.flatMap((outcome) => (outcome === 'counted' ? [] : [outcomeAttribute(outcome)]));

export interface HourCounts {
  backlog: (hour: UtcHour) => Promise<Backlog>;
  hotCounted: (hour: UtcHour) => Promise<number | undefined>;
}

/** Reads what is known about an hour before it is settled: queue lengths and the stack's counters. */
export function createHourCounts(options: {
  sqs: SQSClient;
  queueUrls: readonly string[];
  rollups: RollupReader;
}): HourCounts {
  const { sqs, queueUrls, rollups } = options;
  async function readStackHour({ dt, hr }: UtcHour): Promise<HourNumbers | undefined> {
    return (await rollups.hours(entityKeys.stack, dt, dt)).find(({ hour }) => hour === `${dt}T${hr}+00:00`);
  }
  return {
    backlog: async (hour) => {
      const waiting = (await Promise.all(queueUrls.map((url) => countMessages(sqs, url)))).reduce((a, b) => a + b, 0);
      const { hot = {}, received = 0 } = (await readStackHour(hour)) ?? {};
      const counted = (await rollups.receivedThrough()) ?? 0;
      return {
        waiting,
        // A request may be logged after the hour's end: the window that started then must be counted too.
        received: counted >= endOf(hour) + windowLength ? received : undefined,
        arrived: sumNames(hot, [...countedAttributes, ...uncountedAttributes]),
      };
    },
    hotCounted: async (hour) => {
      const item = await readStackHour(hour);
      return item && sumNames(item.hot, countedAttributes);
    },
  };
}

async function countMessages(client: SQSClient, queueUrl: string): Promise<number> {
  try {
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: [
          'ApproximateNumberOfMessages',
          'ApproximateNumberOfMessagesNotVisible',
          'ApproximateNumberOfMessagesDelayed',
        ],
      }),
    );
    return Object.values(Attributes ?? {}).reduce((sum, count) => sum + Number(count), 0);
  } catch (cause) {
    throw new StoreUnavailable(`${queueUrl} did not return its number of messages`, { cause });
  }
}

function sumNames(numbers: Readonly<Record<string, number>>, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + (numbers[name] ?? 0), 0);
}
