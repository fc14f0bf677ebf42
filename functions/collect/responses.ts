/** Response of an HTTP API function, payload 2.0. */
export interface CollectResponse {
  statusCode: number;
  headers: Record<string, string>;
  body?: string;
  isBase64Encoded?: boolean;
}

const noStore = { 'cache-control': 'no-store' };

/** One transparent pixel. */
const pixel = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';

export function gif(): CollectResponse {
  return {
    statusCode: 200,
    headers: { ...noStore, 'content-type': 'image/gif' },
    body: pixel,
    isBase64Encoded: true,
  };
}

/** Allows scripts of a registered origin to read the response. Scripts of other origins can send, but not read. */
export function corsHeaders(origin: string): Record<string, string> {
  return {
    'access-control-allow-origin': origin,
    vary: 'origin',
  };
}

export function noContent(headers: Record<string, string> = {}): CollectResponse {
  return {
    statusCode: 204,
    headers: { ...noStore, ...headers },
  };
}

/** @param error the rule, and the field with its value if one is invalid */
export function refusal(
  statusCode: number,
  error: { rule: string; message: string; field?: string; value?: string },
  headers: Record<string, string> = {},
): CollectResponse {
  return {
    statusCode,
    headers: { ...noStore, ...headers, 'content-type': 'application/json' },
    body: JSON.stringify({ error }),
  };
}
