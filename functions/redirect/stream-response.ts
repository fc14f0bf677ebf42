import { cameThroughCloudFront } from '#core/edge/origin-secret.ts';
import { parseEdgeRequest, type GatewayEvent } from '#core/edge/edge-request.ts';
import type { ClickMessage } from '#schemas/click-message.ts';
import { forbidden, type HttpResponse } from './responses.ts';
import type { createRedirect, Redirected } from './redirect.ts';

export interface StreamResponseDeps {
  redirect: ReturnType<typeof createRedirect>;
  /** Never rejects. */
  send: (message: ClickMessage) => Promise<unknown>;
  /** Waits for cache refreshes that this request started. Without it, they would freeze with the process. */
  settled: () => Promise<unknown>;
  /** Writes the whole response to the stream. */
  end: (stream: awslambda.ResponseStream, response: HttpResponse) => void;
  writeLine: (line: string) => void;
  /** Header value by which CloudFront proves itself. @default - Lambda has verified the signature of the request */
  originSecret?: string | undefined;
  allowReplay: boolean;
}

/**
 * Adapts `redirect` to Lambda's response streaming. The visitor gets the whole response first; the event is sent
 * afterwards, in the same invocation. Nothing may throw after the response: Lambda would report an error for a request that
 * succeeded.
 */
export function createStreamResponse(deps: StreamResponseDeps) {
  const { redirect, send, settled, end, writeLine, originSecret, allowReplay } = deps;

  async function respond(event: GatewayEvent): Promise<Redirected> {
    if (originSecret !== undefined && !cameThroughCloudFront(event.headers ?? {}, originSecret))
      return { response: forbidden() };
    return redirect(parseEdgeRequest(event, allowReplay));
  }

  return async (event: GatewayEvent, stream: awslambda.ResponseStream): Promise<void> => {
    const { response, message } = await respond(event);
    try {
      // If the visitor disconnects, the stream breaks; the event still counts and is sent.
      stream.on('error', (error) => writeLine(JSON.stringify({ message: 'response.broken', error: String(error) })));
      end(stream, response);
    } catch (error) {
      writeLine(JSON.stringify({ message: 'response.broken', error: String(error) }));
    }
    await Promise.all([message && send(message), settled()]);
  };
}

/**
 * Writes status, headers and body to the stream. Lambda's runtime sends status and headers with the first `write()`;
 * `end(body)` alone would lose them, and Lambda would respond with 502.
 * @see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client/issues/97
 */
export function endResponse(stream: awslambda.ResponseStream, { status, headers, body }: HttpResponse): void {
  const response = awslambda.HttpResponseStream.from(stream, { statusCode: status, headers });
  response.write(body);
  response.end();
}
