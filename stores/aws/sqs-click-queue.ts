import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { ClickMessage } from '#schemas/click-message.ts';
import { type UnsentLine, unsentMessage } from '#schemas/log-lines.ts';

/** An event, or a malformed one that enrich will fail with a reason; the id is that of the request line. */
export type QueuedEvent = ClickMessage | (Record<string, unknown> & { id: string });

export interface ClickQueue {
  /**
   * Sends one event. Never rejects: an event that SQS did not accept in time is written as one `click.unsent` log line.
   * It may be in the queue as well; both copies then share their id.
   */
  send: (event: QueuedEvent) => Promise<'sent' | 'unsent'>;
}

export interface ClickQueueOptions {
  client: SQSClient;
  queueUrl: string;
  /** Writes one log line; the newline is added by it. */
  writeLine: (line: string) => void;
  /** Milliseconds for all attempts together. The visitor has the response already. @default 2,500 */
  timeout?: number;
}

export function createClickQueue({ client, queueUrl, writeLine, timeout = 2_500 }: ClickQueueOptions): ClickQueue {
  return {
    send: async (event) => {
      const body = JSON.stringify(event);
      try {
        await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }), {
          abortSignal: AbortSignal.timeout(timeout),
        });
        return 'sent';
      } catch (error) {
        const line: UnsentLine = { message: unsentMessage, error: textOf(error), body };
        writeLine(JSON.stringify(line));
        return 'unsent';
      }
    },
  };
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
