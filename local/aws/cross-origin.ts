import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import type { CrossOriginRule } from '../template/model.ts';

/** What a request of a page of another origin gets: the whole response of a preflight, or headers for the response. */
export type CrossOriginAnswer =
  | { kind: 'preflight'; status: number; headers: OutgoingHttpHeaders }
  | { kind: 'request'; headers: OutgoingHttpHeaders };

/**
 * Evaluates the rules of a bucket as S3 does: the first rule that has the origin, the method and every header decides.
 * Undefined for a request that no page of another origin sent.
 */
export function readCrossOrigin(
  { method = '', headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  rules: readonly CrossOriginRule[],
): CrossOriginAnswer | undefined {
  const { origin } = headers;
  if (origin === undefined) return undefined;
  const asked = headers['access-control-request-method'];
  if (method === 'OPTIONS' && asked === undefined) return undefined;
  const names = method === 'OPTIONS' ? listNames(headers['access-control-request-headers']) : [];
  const rule = rules.find((each) => allows(each, { origin, method: asked ?? method, names }));
  const allowed = rule && {
    'access-control-allow-origin': rule.origins.includes('*') ? '*' : origin,
    'access-control-allow-methods': rule.methods.join(', '),
    ...(names.length > 0 && { 'access-control-allow-headers': names.join(', ') }),
    vary: 'origin, access-control-request-headers, access-control-request-method',
  };
  return method === 'OPTIONS'
    ? { kind: 'preflight', status: allowed ? 200 : 403, headers: allowed ?? {} }
    : { kind: 'request', headers: allowed ?? {} };
}

function listNames(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
}

function allows(rule: CrossOriginRule, request: { origin: string; method: string; names: readonly string[] }): boolean {
  return (
    rule.methods.includes(request.method) &&
    rule.origins.some((pattern) => matches(pattern, request.origin)) &&
    request.names.every((name) => rule.headers.some((pattern) => matches(pattern, name)))
  );
}

function matches(pattern: string, text: string): boolean {
  const [start = '', end] = pattern.split('*', 2);
  if (end === undefined) return text === start;
  return text.length >= start.length + end.length && text.startsWith(start) && text.endsWith(end);
}
