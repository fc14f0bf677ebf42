import { type CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { z } from 'zod';
import { unsentMessage } from '#schemas/log-lines.ts';

/** An event that SQS did not take, exactly as it would have been sent. */
export interface UnsentClick {
  id: string;
  body: string;
  error: string;
}

export interface UnsentLines {
  /** By event id: an event that was logged twice is one. */
  clicks: Map<string, UnsentClick>;
  /** Lines that name `click.unsent` and hold no event that can be sent. */
  unreadable: string[];
}

/** Reads the `click.unsent` lines of the log groups between two moments, in milliseconds since the epoch. */
export async function readUnsent(
  client: CloudWatchLogsClient,
  groups: readonly string[],
  from: number,
  to: number,
): Promise<UnsentLines> {
  const found: UnsentLines = { clicks: new Map(), unreadable: [] };
  for (const logGroupName of groups) {
    const pages = paginateFilterLogEvents(
      { client },
      { logGroupName, startTime: from, endTime: to, filterPattern: `"${unsentMessage}"` },
    );
    for await (const { events } of pages)
      for (const { message = '' } of events ?? []) {
        const click = parseUnsent(message);
        if (click) found.clicks.set(click.id, click);
        else if (message.includes(unsentMessage)) found.unreadable.push(message);
      }
  }
  return found;
}

const lineSchema = z.object({ message: z.literal(unsentMessage), error: z.string(), body: z.string() });

const bodySchema = z.object({ id: z.string() });

/** Undefined for any other log line, and for one that was cut: without its id it could be counted twice. */
export function parseUnsent(text: string): UnsentClick | undefined {
  const line = lineSchema.safeParse(parseJson(text));
  if (!line.success) return undefined;
  const { body, error } = line.data;
  const parsed = bodySchema.safeParse(parseJson(body));
  return parsed.success ? { id: parsed.data.id, body, error } : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
