import { type CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { z } from 'zod';
import { unsentMessage } from '#schemas/log-lines.ts';

/** A click message that SQS did not accept. */
export interface UnsentClick {
  id: string;
  body: string;
  error: string;
}

export interface UnsentLines {
  /** By event id, because an event may be logged twice. */
  clicks: Map<string, UnsentClick>;
  /** Lines with `click.unsent` that are truncated. */
  unreadable: string[];
}

/** Reads the `click.unsent` lines of log groups between two times in milliseconds since the epoch. */
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
        const click = parseUnsentLine(message);
        if (click) found.clicks.set(click.id, click);
        else if (message.includes(unsentMessage)) found.unreadable.push(message);
      }
  }
  return found;
}

const lineSchema = z.object({ message: z.literal(unsentMessage), error: z.string(), body: z.string() });

const bodySchema = z.object({ id: z.string() });

/** Returns undefined for other lines, and for a truncated one: without its id, the click could count twice. */
export function parseUnsentLine(text: string): UnsentClick | undefined {
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
