import { canaryCode, linkCodePattern, pagePathPattern, reservedCodes } from '#schemas/catalog-rules.ts';

export type Route = { kind: 'link'; code: string } | { kind: 'page'; path: string } | { kind: 'nothing' };

const nothing: Route = { kind: 'nothing' };
const reserved: ReadonlySet<string> = new Set(reservedCodes.filter((code) => code !== canaryCode));
const pagePrefix = /^\/(?:@|%40)/;

/** Parses a path: `/k3x9` is a link, `/@ada` the link page `/ada`. One trailing slash is ignored; case matters. */
export function parseRoute(path: string): Route {
  const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
  if (pagePrefix.test(trimmed)) {
    const page = trimmed.replace(pagePrefix, '/');
    return pagePathPattern.test(page) ? { kind: 'page', path: page } : nothing;
  }
  const code = trimmed.slice(1);
  return linkCodePattern.test(code) && !reserved.has(code) ? { kind: 'link', code } : nothing;
}
