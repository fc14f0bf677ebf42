import type { HttpResponse } from '#cli/http-request.ts';

/** A request and the check of its response. */
export interface Step {
  name: string;
  path: string;
  method: string;
  headers: Readonly<Record<string, string>>;
  /** Whether the request counts as an event of the link. */
  event: boolean;
  /** Returns the problems of the response. */
  check: (reply: HttpResponse) => string[];
}

export interface Expectation {
  code: string;
  /** The destination; undefined if it depends on rules. */
  url: string | undefined;
  status: number;
}

/** Lists the requests that test a link as visitors and programs request it. */
export function stepsFor(expected: Expectation): Step[] {
  const { code } = expected;
  function step(name: string, path: string, check: Step['check'], overrides: Partial<Step> = {}): Step {
    return {
      name,
      path,
      method: 'GET',
      headers: browser,
      event: true,
      check,
      ...overrides,
    };
  }
  function redirects(reply: HttpResponse): string[] {
    return redirectProblems(reply, expected);
  }
  return [
    step('GET redirects', `/${code}`, redirects),
    step('a trailing slash is accepted', `/${code}/`, redirects),
    step(
      'HEAD has the same headers and no body',
      `/${code}`,
      (reply) => [...redirects(reply), ...(reply.body === '' ? [] : ['it has a body'])],
      { method: 'HEAD' },
    ),
    step(
      'a prefetch is refused, so the later click counts',
      `/${code}`,
      (reply) => [...wrongStatus(reply, 503), ...wrongHeader(reply, 'cache-control', /no-store/)],
      { headers: { ...browser, 'sec-purpose': 'prefetch' } },
    ),
    step(
      'an unknown code returns 404',
      `/${code.slice(0, 50)}-verify-none`,
      (reply) => [...wrongStatus(reply, 404), ...(reply.headers['location'] === undefined ? [] : ['it redirects'])],
      { event: false },
    ),
  ];
}

const browser = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  accept: 'text/html,application/xhtml+xml',
  'accept-language': 'en',
} as const;

function redirectProblems(reply: HttpResponse, { url, status }: Expectation): string[] {
  return [
    ...wrongStatus(reply, status),
    ...wrongLocation(reply, url),
    ...wrongHeader(reply, 'cache-control', isPermanent(status) ? /private/ : /no-store/),
  ];
}

function wrongStatus({ status }: HttpResponse, expected: number): string[] {
  return status === expected ? [] : [`status is ${status}, expected ${expected}`];
}

function wrongLocation({ headers }: HttpResponse, url: string | undefined): string[] {
  const location = headers['location'];
  if (location === undefined) return ['location is missing'];
  if (url !== undefined && location !== url) return [`location is ${location}, expected ${url}`];
  return URL.canParse(location) ? [] : [`location is ${location}, expected a URL`];
}

function wrongHeader({ headers }: HttpResponse, name: string, expected: RegExp): string[] {
  const value = headers[name];
  return value !== undefined && expected.test(value)
    ? []
    : [`${name} is ${value ?? 'missing'}, expected ${expected.source}`];
}

function isPermanent(status: number): boolean {
  return status === 301 || status === 308;
}
