import { z } from 'zod';
import type { StreamedAnswer } from '../functions/messages.ts';
import type { EdgeRequest, EdgeResponse } from './request.ts';

export interface Endpoint {
  host: string;
  /** `$default` for a function URL. */
  routeKey: string;
  pathParameters: Readonly<Record<string, string>>;
}

/** Builds the event of a function URL or HTTP API (payload format 2.0). */
export function lambdaEvent(request: EdgeRequest, { host, routeKey, pathParameters }: Endpoint): object {
  const { cookie, ...headers } = request.headers;
  const parameters = joinParameters(request.query);
  return {
    version: '2.0',
    routeKey,
    rawPath: request.path,
    rawQueryString: request.query,
    ...(cookie === undefined ? {} : { cookies: cookie.split(/;\s*/) }),
    headers: { ...headers, host },
    ...(Object.keys(parameters).length > 0 ? { queryStringParameters: parameters } : {}),
    ...(Object.keys(pathParameters).length > 0 ? { pathParameters } : {}),
    requestContext: {
      accountId: 'anonymous',
      apiId: host.split('.')[0],
      domainName: host,
      domainPrefix: host.split('.')[0],
      http: {
        method: request.method,
        path: request.path,
        protocol: 'HTTP/1.1',
        // Origins see the address of CloudFront, not the viewer's.
        sourceIp: '64.252.64.1',
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: request.id,
      routeKey,
      stage: '$default',
      time: new Date(request.receivedAt).toISOString(),
      timeEpoch: request.receivedAt,
    },
    ...bodyFields(request),
  };
}

function joinParameters(query: string): Record<string, string> {
  const parameters = new URLSearchParams(query);
  return Object.fromEntries([...new Set(parameters.keys())].map((name) => [name, parameters.getAll(name).join(',')]));
}

/** API Gateway hands these over as UTF-8 text, and everything else, forms too, as base64 (ministackorg/ministack#766). */
const textual = /^(text\/|application\/(json|javascript|xml)\b)/;

function bodyFields({ body, headers }: EdgeRequest): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const text = textual.test(headers['content-type'] ?? '');
  return { body: body.toString(text ? 'utf8' : 'base64'), isBase64Encoded: !text };
}

const resultSchema = z.object({
  statusCode: z.coerce.number().int().optional(),
  headers: z.record(z.string(), z.coerce.string()).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().optional(),
});

/** Converts the result of a buffered function. A result without a status is the body. */
export function bufferedResponse(result: unknown): EdgeResponse {
  const parsed = resultSchema.safeParse(result);
  if (!parsed.success || parsed.data.statusCode === undefined)
    return {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify(result ?? null)),
    };
  const { statusCode, body, isBase64Encoded } = parsed.data;
  return {
    status: statusCode,
    headers: headersOf(parsed.data),
    body: Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'),
  };
}

const metadataSchema = resultSchema.pick({ statusCode: true, headers: true, cookies: true });

function headersOf(metadata: z.infer<typeof metadataSchema>): EdgeResponse['headers'] {
  return {
    ...Object.fromEntries(Object.entries(metadata.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value])),
    ...(metadata.cookies && metadata.cookies.length > 0 ? { 'set-cookie': metadata.cookies } : {}),
  };
}

/** Converts the response of a streaming function. Without a body, status and headers are lost, as on AWS. */
export function streamedResponse({ metadata, body }: StreamedAnswer): EdgeResponse {
  const parsed = metadataSchema.safeParse(metadata);
  if (!parsed.success) return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body };
  return { status: parsed.data.statusCode ?? 200, headers: headersOf(parsed.data), body };
}
