import { metricLine } from '#core/edge/metric-line.ts';
import { parseEdgeRequest, type GatewayEvent } from '#core/edge/edge-request.ts';
import { type CollectResponse, refusal } from './responses.ts';
import type { createCollect } from './collect.ts';

/** An HTTP API event, payload 2.0, as far as it is read. */
export interface CollectGatewayEvent extends GatewayEvent {
  body?: string;
  isBase64Encoded?: boolean;
}

export interface HandleRequestDeps {
  collect: ReturnType<typeof createCollect>;
  /** Waits for refreshes that were begun: un-awaited, they would freeze with the process. */
  settled: () => Promise<unknown>;
  writeLine: (line: string) => void;
  allowReplay: boolean;
}

/** The adapter between the HTTP API and `collect`. A store that does not answer is a 503 and `LookupFailed`. */
export function createHandleRequest({ collect, settled, writeLine, allowReplay }: HandleRequestDeps) {
  return async (event: CollectGatewayEvent): Promise<CollectResponse> => {
    const facts = parseEdgeRequest(event, allowReplay);
    try {
      return await collect({ facts, ...bodyOf(event) });
    } catch (error) {
      writeLine(metricLine(facts.at, [{ name: 'LookupFailed', value: 1, unit: 'Count' }]));
      writeLine(JSON.stringify({ message: 'lookup.failed', error: String(error) }));
      return refusal(503, { rule: 'unavailable', message: 'try again shortly' }, { 'retry-after': '5' });
    } finally {
      await settled();
    }
  };
}

function bodyOf({ body = '', isBase64Encoded }: CollectGatewayEvent): { body: string; bytes: number } {
  const raw = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return { body: isBase64Encoded ? raw.toString('utf8') : body, bytes: raw.length };
}
