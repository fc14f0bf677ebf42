import {
  type CloudWatchLogsClient,
  FilterLogEventsCommand,
  type FilteredLogEvent,
} from '@aws-sdk/client-cloudwatch-logs';
import { z } from 'zod';
import { type RefusedLine, refusedMessage, type RequestLine, requestMessage } from '#schemas/log-lines.ts';
import { StoreUnavailable } from '../errors.ts';

export interface LogLines {
  /**
   * Reads the lines of requests, and of refused requests that were only counted, that the groups logged from `start` until
   * before `end` (log time, milliseconds since the epoch). Leaves out other and damaged lines.
   * @throws {StoreUnavailable} when CloudWatch does not respond, or the end is not reached by the deadline
   */
  requests: (window: { start: number; end: number }, deadline: number) => AsyncIterable<RequestLine | RefusedLine>;
}

export interface LogLinesOptions {
  client: CloudWatchLogsClient;
  groups: readonly string[];
  now: () => number;
}

/** Matches no other lines, so that metrics and errors do not fill pages. */
const filterPattern = `{ ($.message = "${requestMessage}") || ($.message = "${refusedMessage}") }`;

export function createLogLines({ client, groups, now }: LogLinesOptions): LogLines {
  async function page(group: string, start: number, end: number, nextToken: string | undefined) {
    try {
      const range = { startTime: start, endTime: end };
      return await client.send(new FilterLogEventsCommand({ logGroupName: group, filterPattern, ...range, nextToken }));
    } catch (cause) {
      throw new StoreUnavailable(`log group ${group} did not respond`, { cause });
    }
  }
  return {
    requests: async function* (window, deadline) {
      for (const group of groups) {
        let token: string | undefined;
        do {
          if (now() >= deadline) throw new StoreUnavailable(`log group ${group} was not read to its end in time`);
          const { events, nextToken } = await page(group, window.start, window.end, token);
          for (const event of events ?? []) {
            // `endTime` is inclusive: an event of the next window is not ours.
            const line = (event.timestamp ?? 0) < window.end ? parseLine(event) : undefined;
            if (line) yield line;
          }
          token = nextToken;
        } while (token !== undefined);
      }
    },
  };
}

const requestLineSchema = z.object({
  message: z.literal(requestMessage),
  id: z.string(),
  at: z.number(),
  received: z.number().optional(),
  page: z.string().nullable(),
  link: z.string().nullable(),
}) satisfies z.ZodType<RequestLine>;

const refusedLineSchema = z.object({
  message: z.literal(refusedMessage),
  at: z.number(),
  // It becomes part of an attribute name.
  rule: z.string().regex(/^[\w.-]{1,64}$/),
  count: z.int().min(1),
  page: z.string().nullable(),
  link: z.string().nullable(),
}) satisfies z.ZodType<RefusedLine>;

const lineSchema = z.discriminatedUnion('message', [requestLineSchema, refusedLineSchema]);

function parseLine({ message }: FilteredLogEvent): RequestLine | RefusedLine | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(message ?? '')).data;
  } catch {
    return undefined;
  }
}
