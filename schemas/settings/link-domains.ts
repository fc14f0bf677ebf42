/**
 * More domains of a stack, for links and link pages: the setting `linkDomains`, which functions get as JSON. Redirect's bundle
 * holds this file, so it has no zod.
 */
export interface LinkDomain {
  /** Host name in lower case: `go.example.org`. */
  name: string;
  /** Agency whose pages alone may use it; null: every page may. */
  agency: string | null;
  /** Path of the page whose link page the bare domain shows; null: none. */
  page: string | null;
  /** `all`: it also serves what names no domain, such as a former address of the stack. */
  serves: 'own' | 'all';
}

type ConfiguredDomain = Pick<LinkDomain, 'name' | 'serves'> & Partial<Pick<LinkDomain, 'agency' | 'page'>>;

export const linkDomainLimits = {
  domains: 20,
  /** Characters of all of them as JSON: the environment of a function holds 4 KB. */
  text: 2_000,
} as const;

/** Writes the domains of the settings as {@link parseLinkDomains} reads them. */
export function formatLinkDomains(domains: readonly ConfiguredDomain[]): string {
  return JSON.stringify(domains.map(({ name, agency, page, serves }) => ({ name, agency, page, serves })));
}

/** Parses the variable that holds the domains. @throws {SyntaxError} */
export function parseLinkDomains(json: string): LinkDomain[] {
  const list: unknown = JSON.parse(json);
  return Array.isArray(list) ? list.map(toLinkDomain) : [];
}

function toLinkDomain(entry: object): LinkDomain {
  const fields = new Map<string, unknown>(Object.entries(entry));
  const [agency, page] = [fields.get('agency'), fields.get('page')];
  return {
    name: String(fields.get('name')),
    agency: typeof agency === 'string' ? agency : null,
    page: typeof page === 'string' ? page : null,
    serves: fields.get('serves') === 'all' ? 'all' : 'own',
  };
}

/** Returns the domains that a page may name. */
export function listUsableDomains({ agency }: { agency: string | null }, domains: readonly LinkDomain[]): string[] {
  return domains.filter((domain) => domain.agency === null || domain.agency === agency).map(({ name }) => name);
}

/** Returns the domain of a page's new links; null, the stack's own, also if the page's is gone. */
export function domainOfNewLinks(
  page: { agency: string | null; domain: string | null } | undefined,
  domains: readonly LinkDomain[],
): string | null {
  return page === undefined ? null : (listUsableDomains(page, domains).find((name) => name === page.domain) ?? null);
}

/** Addresses of the stack. */
export interface Addresses {
  /** The stack's own: `https://go.example`. */
  publicUrl: string;
  domains: readonly LinkDomain[];
}

/** Returns the address of a domain with the scheme and the port of the stack's own, which also stands in for one that is gone. */
export function toOrigin({ publicUrl, domains }: Addresses, domain: string | null): string {
  const url = new URL(publicUrl);
  if (domains.some(({ name }) => name === domain)) url.hostname = domain ?? '';
  return url.origin;
}

/** Returns the address of a link. */
export function toShortUrl(addresses: Addresses, { code, domain }: { code: string; domain: string | null }): string {
  return `${toOrigin(addresses, domain)}/${code}`;
}

/** Returns every host of the stack, with its port if any. The first is its own. */
export function listOwnHosts(addresses: Addresses): string[] {
  return [null, ...addresses.domains.map(({ name }) => name)].map((name) => new URL(toOrigin(addresses, name)).host);
}
