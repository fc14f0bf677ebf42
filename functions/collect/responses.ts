import { pixel, type SdkResponse } from '#core/capture/adapter.ts';

/** Response of an HTTP API function, payload 2.0. */
export interface CollectResponse {
  statusCode: number;
  headers: Record<string, string>;
  body?: string;
  isBase64Encoded?: boolean;
}

/** Why an event was not accepted: the rule, and the field with its value if one is invalid. */
export interface EventError {
  status: number;
  rule: string;
  message: string;
  field?: string;
  value?: string;
  allowed?: string;
}

/**
 * Any page may read every response, errors included, and pages under `cross-origin-embedder-policy` may load it. The
 * request carries no credentials, and the response nothing about the visitor.
 */
const open = {
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'cache-control': 'no-store',
};

export function gif(): CollectResponse {
  return sdkResponse(pixel, undefined);
}

export function noContent(headers: Record<string, string> = {}): CollectResponse {
  return {
    statusCode: 204,
    headers: { ...open, ...headers },
  };
}

export function preflight(): CollectResponse {
  return noContent({
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'content-type',
    'access-control-max-age': '86400',
  });
}

export function refusal({ status, ...error }: EventError, headers: Record<string, string> = {}): CollectResponse {
  return {
    statusCode: status,
    headers: { ...open, ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ error }),
  };
}

/** An event of a batch that was not accepted, by its position in the batch. */
export type BatchError = EventError & { index: number };

/** @param retryAfter seconds after which the events with status 429 may be sent again: those at the positions of `retry` */
export function batchErrors(accepted: number, errors: readonly BatchError[], retryAfter: number): CollectResponse {
  const retry = errors.filter(({ status }) => status === 429).map(({ index }) => index);
  return {
    statusCode: 207,
    headers: { ...open, 'content-type': 'application/json' },
    body: JSON.stringify({ accepted, retry, retryAfter, errors }),
  };
}

/**
 * Some SDKs send credentials, for which the origin must be named. The responses are the same for everybody, and the stack's
 * own API takes no cookies.
 */
function openTo(origin: string | undefined): Record<string, string> {
  if (origin === undefined) return open;
  return {
    ...open,
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    vary: 'origin',
  };
}

export function sdkResponse(response: SdkResponse, origin: string | undefined): CollectResponse {
  const { status, contentType, body, base64 } = response;
  const headers = { ...openTo(origin), 'content-type': contentType };
  return { statusCode: status, headers, body, ...(base64 && { isBase64Encoded: true }) };
}

/** Allows the headers that the SDK asks for: each version of an SDK may add one. */
export function sdkPreflight(origin: string | undefined, headers: string): CollectResponse {
  return {
    statusCode: 204,
    headers: {
      ...openTo(origin),
      'access-control-allow-methods': 'GET, POST',
      ...(headers !== '' && { 'access-control-allow-headers': headers }),
      'access-control-max-age': '86400',
    },
  };
}

export function sdkRefusal(error: EventError, origin: string | undefined): CollectResponse {
  return refusal(error, openTo(origin));
}
