import type { EdgeRequest } from '#core/edge/edge-request.ts';
import { edgeHeaders } from '#schemas/edge-headers.ts';
import type { LinkDomain } from '#schemas/settings/link-domains.ts';

/** The domain that a visitor asked. */
export interface AskedDomain {
  /** Host name of the request, in lower case. */
  name: string;
  /** Undefined for the stack's own addresses. */
  domain: LinkDomain | undefined;
  /** Returns whether a link answers here, by the domain that it names. */
  answersLink: (named: string | null) => boolean;
  /** Returns whether a link page is shown here. Unlike a link, it keeps its address at the stack's own domain. */
  showsPage: (named: string | null) => boolean;
  /** Returns what precedes the code in the address of a link: nothing if the link answers here. */
  prefixTo: (named: string | null) => string;
}

export interface ServedDomains {
  domains: readonly LinkDomain[];
  /** Host name of the stack's own domain. */
  main: string;
}

const stackItself: AskedDomain = {
  name: '',
  domain: undefined,
  answersLink: () => true,
  showsPage: () => true,
  prefixTo: () => '',
};

/**
 * Returns a function that finds the domain of a request. What names a domain answers there; the rest, and what names a domain
 * that is gone, answers at the stack's own addresses, and on domains that serve all.
 */
export function createServedDomains({ domains, main }: ServedDomains): (request: EdgeRequest) => AskedDomain {
  if (domains.length === 0) return () => stackItself;
  const byName = new Map(domains.map((domain) => [domain.name, domain]));

  return (request) => {
    const { name, port } = hostOf(request);
    const domain = byName.get(name);
    const servesAll = domain === undefined || domain.serves === 'all';
    function answersLink(named: string | null): boolean {
      const own = named === null ? undefined : byName.get(named);
      return own === undefined ? servesAll : own === domain;
    }
    return {
      name,
      domain,
      answersLink,
      showsPage: (named) => servesAll || answersLink(named),
      prefixTo: (named) => (answersLink(named) ? '' : `//${named !== null && byName.has(named) ? named : main}${port}`),
    };
  };
}

/** The viewer function packs the host before the client hints: CloudFront gives the origin its own name. */
const packedHost = /^host=([^&]*)/;

/** @returns the name in lower case without the dot of an absolute one, and `:8787` if the address has a port */
function hostOf({ headers }: EdgeRequest): { name: string; port: string } {
  const packed = packedHost.exec(headers[edgeHeaders.hints] ?? '')?.[1] ?? '';
  const [name = '', port] = decodeURIComponent(packed).toLowerCase().split(':');
  return { name: name.replace(/\.$/, ''), port: port === undefined ? '' : `:${port}` };
}
