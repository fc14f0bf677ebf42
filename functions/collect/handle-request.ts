import { lookupFailedLines } from '#core/edge/lookup-failed.ts';
import { parseEdgeRequest, type GatewayEvent } from '#core/edge/edge-request.ts';
import type { createCapture } from './capture.ts';
import { type CollectResponse, refusal } from './responses.ts';
import type { createCollect } from './collect.ts';

/** The fields of an HTTP API event (payload 2.0) that collect reads. */
export interface CollectGatewayEvent extends GatewayEvent {
  body?: string;
  isBase64Encoded?: boolean;
}

export interface HandleRequestDeps {
  collect: ReturnType<typeof createCollect>;
  capture: ReturnType<typeof createCapture>;
  /** Waits for cache refreshes that this request started. Without it, they would freeze with the process. */
  settled: () => Promise<unknown>;
  writeLine: (line: string) => void;
  allowReplay: boolean;
}

/** Adapts `collect`, and `capture` for the paths of SDKs, to the HTTP API. If a store is unavailable, it responds with 503, and a log line counts it for the stack. */
export function createHandleRequest({ collect, capture, settled, writeLine, allowReplay }: HandleRequestDeps) {
  return async (event: CollectGatewayEvent): Promise<CollectResponse> => {
    const request = parseEdgeRequest(event, allowReplay);
    try {
      const { body, raw } = bodyOf(event);
      if (request.path.startsWith('/e/') || request.path === '/v1/batch') return await capture({ request, raw });
      return await collect({ request, body, bytes: raw.length });
    } catch (error) {
      for (const line of lookupFailedLines(request.at, error)) writeLine(line);
      return refusal({ status: 503, rule: 'unavailable', message: 'Try again shortly.' }, { 'retry-after': '5' });
    } finally {
      await settled();
    }
  };
}

function bodyOf({ body = '', isBase64Encoded }: CollectGatewayEvent): { body: string; raw: Buffer } {
  const raw = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return { body: isBase64Encoded ? raw.toString('utf8') : body, raw };
}
