import { plainLink } from '../../core/links/link.fixture.ts';

export interface RuntimeCase {
  name: string;
  event: unknown;
  status: number;
  location?: string;
  /** Parts of the only event that SQS gets, or that is logged as unsent. Undefined if the request is none. */
  message?: object;
  /** How SQS behaves. @default works */
  queue?: 'refuses' | 'slow' | 'hangs' | 'down';
  /** Whether the connection of the response breaks after its first bytes. */
  breaks?: boolean;
}

const at = Date.parse('2026-11-22T07:00:00Z');

/**
 * The example of a function URL's request, as CloudFront sends it.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads
 */
function eventOf(
  rawPath: string,
  { method = 'GET', ...changes }: Readonly<Record<string, unknown>> & { method?: string } = {},
) {
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: '',
    headers: {
      host: 'abc123.lambda-url.us-east-1.on.aws',
      'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15',
      'cloudfront-viewer-address': '203.0.113.7:46532',
      'cloudfront-viewer-country': 'AT',
      'x-amzn-trace-id': 'Root=1-5e6722a7-cc56xmpl46db7ae02d4da47e',
      'x-forwarded-for': '64.252.64.1',
      'x-forwarded-port': '443',
      'x-forwarded-proto': 'https',
    },
    requestContext: {
      accountId: '123456789012',
      apiId: 'abc123',
      authentication: null,
      authorizer: { iam: { accessKey: 'AKIA', accountId: '111122223333', callerId: 'AIDA', cognitoIdentity: null } },
      domainName: 'abc123.lambda-url.us-east-1.on.aws',
      domainPrefix: 'abc123',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '64.252.64.1', userAgent: 'agent' },
      requestId: 'e1506fd5-9e7b-434f-bd42-4f8fa224b599',
      routeKey: '$default',
      stage: '$default',
      time: '22/Nov/2026:07:00:00 +0000',
      timeEpoch: at,
    },
    body: null,
    pathParameters: null,
    stageVariables: null,
    isBase64Encoded: false,
    ...changes,
  };
}

const { url } = plainLink;
const click = { type: 'link_click', link: 'k3x9', page: '/ada', occurredAt: at };
const found = { event: eventOf('/k3x9'), status: 302, location: url, message: click };

/** In this order, in one environment. */
export const cases: readonly RuntimeCase[] = [
  { name: 'a link', ...found, message: { ...click, address: '203.0.113.7', port: 46532, country: 'AT', query: '' } },
  { name: 'the same link, from memory', ...found },
  {
    name: 'several values of a parameter, and cookies',
    ...found,
    event: eventOf('/k3x9', {
      rawQueryString: 'utm_source=a&utm_source=b&utm_medium=bio',
      queryStringParameters: { utm_source: 'a,b', utm_medium: 'bio' },
      cookies: ['cookie1=a', 'cookie2=b'],
    }),
    message: { ...click, query: 'utm_source=a&utm_medium=bio' },
  },
  {
    name: 'a header with several values',
    ...found,
    event: eventOf('/k3x9', { headers: { 'accept-language': 'de-AT,en;q=0.5', accept: 'text/html,*/*' } }),
    message: { ...click, address: null, headers: { acceptLanguage: 'de-AT,en;q=0.5', accept: 'text/html,*/*' } },
  },
  {
    name: 'no headers',
    ...found,
    event: eventOf('/k3x9', { headers: {} }),
    message: { ...click, address: null, country: null, headers: { userAgent: null, referrer: null } },
  },
  {
    name: 'only what we read',
    ...found,
    event: { rawPath: '/k3x9', requestContext: { timeEpoch: at, http: { method: 'GET' } } },
  },
  { name: 'HEAD', ...found, event: eventOf('/k3x9', { method: 'HEAD' }), message: { ...click, outcome: 'head' } },
  {
    name: 'a text body',
    event: eventOf('/k3x9', { method: 'POST', body: 'Hello from client!' }),
    status: 405,
    message: { ...click, outcome: 'refused' },
  },
  {
    name: 'a base64 body',
    event: eventOf('/k3x9', { method: 'PUT', body: 'AAECAwT//w==', isBase64Encoded: true }),
    status: 405,
    message: { ...click, outcome: 'refused' },
  },
  { name: 'an encoded path', ...found, event: eventOf('/k3x9%20') },
  {
    name: 'a link page',
    event: eventOf('/@ada'),
    status: 200,
    message: { type: 'page_view', page: '/ada', link: null },
  },
  { name: 'an unknown code', event: eventOf('/unknown'), status: 404 },
  { name: 'the connection breaks', ...found, breaks: true },
  { name: 'after that', ...found },
  { name: 'the connection breaks, and SQS takes a second', ...found, breaks: true, queue: 'slow' },
  { name: 'after that', ...found },
  { name: 'SQS takes a second', ...found, queue: 'slow' },
  { name: 'SQS refuses', ...found, queue: 'refuses' },
  { name: 'after that', ...found },
  { name: 'SQS does not respond', ...found, queue: 'hangs' },
  { name: 'after that', ...found },
  { name: 'SQS cannot be reached', ...found, queue: 'down' },
  { name: 'an unknown code after that', event: eventOf('/unknown'), status: 404, queue: 'down' },
];
