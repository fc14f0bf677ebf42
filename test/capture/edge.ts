import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatIngestKey } from '#core/capture/ingest-key.ts';
import { createRefusedLimit } from '#core/edge/refused-limit.ts';
import { enrichEvent, type EnrichContext } from '#core/enrich/enrich-event.ts';
import { readMessage } from '#core/enrich/read-message.ts';
import { plainPage } from '#core/links/link.fixture.ts';
import { hmacKey } from '#core/visitors/hmac.ts';
import { createSalt } from '#core/visitors/identity.ts';
import { createCapture } from '#functions/collect/capture.ts';
import { createCollect } from '#functions/collect/collect.ts';
import { type CollectGatewayEvent, createHandleRequest } from '#functions/collect/handle-request.ts';
import { lambdaEvent } from '#local/edge/lambda-event.ts';
import type { EdgeRequest } from '#local/edge/request.ts';
import { forwardHeaders } from '#local/edge/selection.ts';
import { compileViewerFunction } from '#local/edge/viewer-function.ts';
import type { Page } from '#schemas/catalog.ts';
import { sdkHeaderNames } from '#lib/edge/forwarded-headers.ts';
import { originSecretHeader } from '#schemas/edge-headers.ts';
import type { EventRow } from '#schemas/event.ts';
import type { QueuedEvent } from '#stores/aws/sqs-click-queue.ts';

const secret = 'known to CloudFront';
const viewerRequest = compileViewerFunction(
  readFileSync(join(import.meta.dirname, '../../lib/edge/viewer-request.js'), 'utf8'),
  'go.example',
);

/** A key of the page, and its record. */
export const ingestKey = formatIngestKey({ page: '/ada', id: 'k'.repeat(16), secret: 's'.repeat(43) });
export const ingestKeys = [
  {
    id: 'k'.repeat(16),
    hash: createHash('sha256').update('s'.repeat(43)).digest('hex'),
    label: 'Server',
    createdAt: '2026-11-01T00:00:00Z',
  },
];

export interface Sent {
  method: string;
  path: string;
  query?: string;
  headers: Record<string, string>;
  body?: Buffer;
  /** Milliseconds since the epoch. */
  at: number;
}

/** Collect behind CloudFront and API Gateway, and enrich behind the queue, in this process. */
export function startCapture(page: Partial<Page> = {}) {
  const lines: Record<string, unknown>[] = [];
  let queue: QueuedEvent[] = [];
  let id = 0;
  function writeLine(line: string): void {
    lines.push(JSON.parse(line));
  }
  const deps = {
    findPage: async (path: string) => (path === '/ada' ? { ...plainPage, ingestKeys, ...page } : undefined),
    originSecret: async () => secret,
    withinRate: async () => true,
    keepsRefused: createRefusedLimit(),
    nextId: () => String(++id),
    send: async (event: QueuedEvent) => void queue.push(event),
    sendAll: async (events: readonly QueuedEvent[]) => void queue.push(...events),
    writeLine,
  };
  const handle = createHandleRequest({
    collect: createCollect(deps),
    capture: createCapture(deps),
    settled: async () => {},
    writeLine,
    allowReplay: false,
  });

  /** Sends a request, and returns the response with the rows that its events become. */
  async function send({ method, path, query = '', headers, body = Buffer.alloc(0), at }: Sent) {
    queue = [];
    const request: EdgeRequest = {
      id: 'r1',
      method,
      path,
      query,
      headers: { ...headers, 'cloudfront-viewer-address': '203.0.113.7:46532', 'cloudfront-viewer-country': 'AT' },
      body,
      viewerIp: '203.0.113.7',
      receivedAt: at,
      replay: {},
    };
    const verdict = viewerRequest(request);
    if (verdict.kind === 'response') throw new Error('The viewer function responds to no request.');
    const forwarded = forwardHeaders(verdict.request.headers, { kind: 'only', names: sdkHeaderNames });
    const event = lambdaEvent(
      { ...verdict.request, headers: { ...forwarded, [originSecretHeader]: secret } },
      { host: 'api.example', routeKey: '$default', pathParameters: {} },
    ) as CollectGatewayEvent;
    const response = await handle(event);
    return { response, rows: enrich(queue, at), messages: queue };
  }

  function enrich(messages: readonly QueuedEvent[], at: number): EventRow[] {
    return messages.map((message) => rowOf(message, at, page.identities ?? 'none'));
  }
  return { send, enrich, lines };
}

const salt = createSalt(hmacKey(new Uint8Array(32).fill(7)));

function rowOf(message: QueuedEvent, at: number, identities: Page['identities']): EventRow {
  const context: EnrichContext = {
    geography: () => null,
    settingsOf: () => ({
      timeZone: 'Europe/Vienna',
      identities,
      ownHosts: new Set(['creator.test']),
      stackHosts: ['go.example'],
    }),
    saltOf: () => salt,
  };
  return enrichEvent(readMessage({ messageId: 'm1', body: JSON.stringify(message), sentAt: at }), context).row;
}
