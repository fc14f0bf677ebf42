import type { Reply } from '#cli/ask.ts';

/** One request that a viewer could send, and what must come back. */
export interface Step {
  name: string;
  path: string;
  method: string;
  headers: Readonly<Record<string, string>>;
  /** Whether the request is an event of the link. */
  event: boolean;
  /** Gives what is wrong with the answer. */
  evaluate: (reply: Reply) => string[];
}

export interface Expectation {
  code: string;
  /** Where the link leads; undefined when only its form can be evaluated. */
  url: string | undefined;
  status: number;
}

const browser = {
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  accept: 'text/html,application/xhtml+xml',
  'accept-language': 'en',
} as const;

/** Follows a link in every way that viewers and programs do. */
export function stepsFor(expected: Expectation): Step[] {
  const { code } = expected;
  function step(name: string, path: string, evaluate: Step['evaluate'], rest: Partial<Step> = {}): Step {
    return {
      name,
      path,
      method: 'GET',
      headers: browser,
      event: true,
      evaluate,
      ...rest,
    };
  }
  function redirects(reply: Reply): string[] {
    return redirectProblems(reply, expected);
  }
  return [
    step('GET redirects', `/${code}`, redirects),
    step('a trailing slash is tolerated', `/${code}/`, redirects),
    step(
      'HEAD has the same headers and no body',
      `/${code}`,
      (reply) => [...redirects(reply), ...(reply.body === '' ? [] : ['it has a body'])],
      { method: 'HEAD' },
    ),
    step(
      'a prefetch is refused, so that the tap is counted',
      `/${code}`,
      (reply) => [...wrongStatus(reply, 503), ...wrongHeader(reply, 'cache-control', /no-store/)],
      { headers: { ...browser, 'sec-purpose': 'prefetch' } },
    ),
    step(
      'an unknown code is a small 404',
      `/${code.slice(0, 50)}-verify-none`,
      (reply) => [...wrongStatus(reply, 404), ...(reply.headers['location'] === undefined ? [] : ['it redirects'])],
      { event: false },
    ),
  ];
}

function redirectProblems(reply: Reply, { url, status }: Expectation): string[] {
  return [
    ...wrongStatus(reply, status),
    ...wrongLocation(reply, url),
    ...wrongHeader(reply, 'cache-control', permanent(status) ? /private/ : /no-store/),
  ];
}

function wrongStatus({ status }: Reply, expected: number): string[] {
  return status === expected ? [] : [`status is ${status}, expected ${expected}`];
}

function wrongLocation({ headers }: Reply, url: string | undefined): string[] {
  const location = headers['location'];
  if (location === undefined) return ['location is missing'];
  if (url !== undefined && location !== url) return [`location is ${location}, expected ${url}`];
  return URL.canParse(location) ? [] : [`location is ${location}, expected a URL`];
}

function wrongHeader({ headers }: Reply, name: string, expected: RegExp): string[] {
  const value = headers[name];
  return value !== undefined && expected.test(value)
    ? []
    : [`${name} is ${value ?? 'missing'}, expected ${expected.source}`];
}

function permanent(status: number): boolean {
  return status === 301 || status === 308;
}
