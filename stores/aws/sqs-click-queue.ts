import type { ClickMessage } from '#schemas/click-message.ts';
import { type UnsentLine, unsentMessage } from '#schemas/log-lines.ts';
import type { SqsRequests } from './sqs-requests.ts';

/** An event, or a malformed one that enrich will fail with a reason; the id is that of the request line. */
export type QueuedEvent = ClickMessage | (Record<string, unknown> & { id: string });

export interface ClickQueue {
  /**
   * Sends one event. Never rejects: an event that SQS did not accept in time is written as one `click.unsent` log line.
   * It may be in the queue as well; both copies then share their id.
   */
  send: (event: QueuedEvent) => Promise<'sent' | 'unsent'>;
  /** Sends events in as few requests as the limits of SQS allow. Never rejects; each unsent event is one log line. */
  sendAll: (events: readonly QueuedEvent[]) => Promise<void>;
}

export interface ClickQueueOptions {
  request: SqsRequests;
  queueUrl: string;
  /** Writes one log line; the newline is added by it. */
  writeLine: (line: string) => void;
  /** Milliseconds for all attempts together. The visitor has the response already. @default 2,500 */
  timeout?: number;
}

export function createClickQueue({ request, queueUrl, writeLine, timeout = 2_500 }: ClickQueueOptions): ClickQueue {
  function writeUnsent(error: string, body: string): void {
    const line: UnsentLine = { message: unsentMessage, error, body };
    writeLine(JSON.stringify(line));
  }

  /** `AbortSignal.timeout` cannot be cleared: after each response it would create an error that nobody reads. */
  async function withTimeout<Result>(send: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), timeout);
    try {
      return await send(controller.signal);
    } finally {
      clearTimeout(timer);
    }
  }

  async function sendBatch(bodies: readonly string[]): Promise<void> {
    const Entries = bodies.map((body, index) => ({ Id: String(index), MessageBody: body }));
    try {
      const input = { QueueUrl: queueUrl, Entries };
      const { Failed } = await withTimeout((signal) => request('SendMessageBatch', input, signal));
      for (const { Id, Code = 'Failed', Message = 'no reason' } of Array.isArray(Failed) ? Failed : [])
        writeUnsent(`${Code}: ${Message}`, bodies[Number(Id)] ?? '');
    } catch (error) {
      for (const body of bodies) writeUnsent(textOf(error), body);
    }
  }

  return {
    send: async (event) => {
      const body = toBody(event);
      try {
        await withTimeout((signal) => request('SendMessage', { QueueUrl: queueUrl, MessageBody: body }, signal));
        return 'sent';
      } catch (error) {
        writeUnsent(textOf(error), body);
        return 'unsent';
      }
    },
    sendAll: async (events) => {
      await Promise.all(splitBatches(events.map(toBody)).map(sendBatch));
    },
  };
}

/** Returns the event as JSON, with U+FFFE and U+FFFF escaped: SQS does not accept them, and JSON leaves them as they are. */
function toBody(event: QueuedEvent): string {
  return JSON.stringify(event).replace(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}

/** Limits of `SendMessageBatch`. AWS raised the bytes to 1 MiB in 2025; older endpoints and emulators have this one. */
const batchLimits = { messages: 10, bytes: 262_144 };

function splitBatches(bodies: readonly string[]): string[][] {
  const batches: string[][] = [];
  let bytes = 0;
  for (const body of bodies) {
    const length = Buffer.byteLength(body);
    const last = batches.at(-1);
    if (last === undefined || last.length >= batchLimits.messages || bytes + length > batchLimits.bytes) {
      batches.push([body]);
      bytes = length;
    } else {
      last.push(body);
      bytes += length;
    }
  }
  return batches;
}

function textOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
