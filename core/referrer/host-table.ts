/** Finds the entry of a host or of its closest listed parent. */
export interface HostTable<Value> {
  /**
   * @param host in lower case, without `www.`
   * @param path starts with `/`
   */
  find: (host: string, path: string) => Value | undefined;
  /** Returns whether the value of this host depends on the path. */
  hasPaths: (host: string) => boolean;
}

/**
 * Builds a table from patterns. A pattern is a host that includes its subdomains (`qq.com`), one that does not
 * (`=google.com`), or a path of one (`x.com/i/grok`); `.*` at the end of the host is any country's domain (`google.*`).
 * The longest host wins, then a path over its host, then a domain over `.*`. Of equal patterns, the last wins.
 *
 * @example createHostTable([['=google.*', 'search'], ['google.*', 'other']]).find('docs.google.de', '/') // 'other'
 */
export function createHostTable<Value>(
  patterns: readonly (readonly [pattern: string, value: Value])[],
): HostTable<Value> {
  const exact = new Map<string, Value>();
  const parents = new Map<string, Value>();
  const paths = new Map<string, [path: string, value: Value][]>();
  for (const [pattern, value] of patterns) {
    const slash = pattern.indexOf('/');
    if (slash >= 0) add(paths, pattern.slice(0, slash), [pattern.slice(slash), value]);
    else if (pattern.startsWith('=')) exact.set(pattern.slice(1), value);
    else parents.set(pattern, value);
  }
  return {
    find: (host, path) => {
      const anyCountry = host.replace(countryDomain, '.*');
      for (const site of [host, anyCountry]) {
        const found = onPath(paths.get(site), path) ?? exact.get(site);
        if (found !== undefined) return found;
      }
      for (let at = 0; at >= 0; at = nextLabel(host, at)) {
        for (const site of [host.slice(at), anyCountry.slice(at)]) {
          const found = onPath(paths.get(site), path) ?? parents.get(site);
          if (found !== undefined) return found;
        }
      }
      return undefined;
    },
    hasPaths: (host) => {
      const anyCountry = host.replace(countryDomain, '.*');
      for (let at = 0; at >= 0; at = nextLabel(host, at))
        if (paths.has(host.slice(at)) || paths.has(anyCountry.slice(at))) return true;
      return false;
    },
  };
}

/** The end of a site's host in any country: `google.co.uk`, `gmx.at`, `mail.yahoo.com.br`. */
const countryDomain = /\.(?:com|net|org|(?:com?|net|org)\.[a-z]{2}|[a-z]{2})$/;

function add<Value>(lists: Map<string, Value[]>, key: string, value: Value): void {
  const list = lists.get(key);
  if (list) list.unshift(value);
  else lists.set(key, [value]);
}

function onPath<Value>(list: readonly (readonly [string, Value])[] | undefined, path: string): Value | undefined {
  return list?.find(([start]) => path === start || path.startsWith(`${start}/`))?.[1];
}

/** Returns where the parent of the host that starts at a position starts, -1 if that is a top-level domain. */
function nextLabel(host: string, at: number): number {
  const next = host.indexOf('.', at) + 1;
  return next > 0 && host.includes('.', next) ? next : -1;
}
