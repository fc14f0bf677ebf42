import { parseEdgeRequest, type GatewayEvent } from '#core/edge/edge-request.ts';
import type { ClickMessage } from '#schemas/click-message.ts';
import type { HttpResponse } from './responses.ts';
import type { createRedirect } from './redirect.ts';

export interface StreamResponseDeps {
  redirect: ReturnType<typeof createRedirect>;
  /** Never rejects. */
  send: (message: ClickMessage) => Promise<unknown>;
  /** Waits for refreshes that were begun for this answer: un-awaited, they would freeze with the process. */
  settled: () => Promise<unknown>;
  /** Ends the answer on its stream. */
  end: (stream: awslambda.ResponseStream, answer: HttpResponse) => void;
  writeLine: (line: string) => void;
  allowReplay: boolean;
}

/**
 * The thin adapter between Lambda's streaming and `redirect`. The answer ends first and reaches the viewer then; the
 * event is sent within the same invocation, which lasts until this promise resolves. Nothing may escape after the
 * end: Lambda would report an error for a request that was answered.
 */
export function createStreamResponse({ redirect, send, settled, end, writeLine, allowReplay }: StreamResponseDeps) {
  return async (event: GatewayEvent, stream: awslambda.ResponseStream): Promise<void> => {
    const { answer, message } = await redirect(parseEdgeRequest(event, allowReplay));
    try {
      // A viewer that has gone away breaks the stream; the request was made all the same, and its event is sent.
      stream.on('error', (error) => writeLine(JSON.stringify({ message: 'answer.broken', error: String(error) })));
      end(stream, answer);
    } catch (error) {
      writeLine(JSON.stringify({ message: 'answer.broken', error: String(error) }));
    }
    await Promise.all([message && send(message), settled()]);
  };
}

/** Ends the answer with its body as one write. */
export function endResponse(stream: awslambda.ResponseStream, { status, headers, body }: HttpResponse): void {
  const response = awslambda.HttpResponseStream.from(stream, { statusCode: status, headers });
  response.end(body);
}
