import { describeFieldError } from '#core/field-error.ts';
import { destinationLimit, destinationSchemes, linkCodePattern } from '#schemas/catalog-rules.ts';

export type DestinationRule = 'length' | 'control-characters' | 'url' | 'scheme' | 'host' | 'credentials' | 'loop';

export type DestinationCheck =
  | { kind: 'accepted'; url: string }
  | { kind: 'refused'; rule: DestinationRule; allowed: string; message: string };

export interface DestinationContext {
  /** Field name for the message: `url`, `deviceUrls.ios`. */
  field: string;
  /** The stack's links, and the code of this link: to detect a destination that is the link itself. */
  own?: OwnLinks & { code: string };
}

/** How the links of this stack are recognized. */
export interface OwnLinks {
  /** Hosts of the stack: `go.example`, with the port if any. */
  ownHosts: readonly string[];
  /** Whether codes are equal if they differ in capitals only. */
  ignoreCase: boolean;
}

const schemeNames = destinationSchemes.map((scheme) => scheme.slice(0, -1)).join(', ');

const allowedValues: Record<DestinationRule, string> = {
  length: `1 to ${destinationLimit} characters long`,
  'control-characters': 'free of line breaks and other control characters',
  url: 'an absolute URL',
  scheme: `a URL with one of the schemes ${schemeNames}`,
  host: 'a URL with a host',
  credentials: 'a URL without a user name or password',
  loop: 'a URL other than the link itself',
};

/** Printable ASCII without the characters that a URL must escape. Such a URL is stored as typed. */
const plainUrl = /^[\x21\x23-\x3b\x3d\x3f-\x5b\x5d-\x7e]+$/;
const webScheme = /^https?:\/\/[^/]/i;

/** The fields of a link that are destinations. */
export interface Destinations {
  url: string;
  expiredUrl: string | null;
  deviceUrls: Readonly<Record<string, string | undefined>>;
  countryUrls: Readonly<Record<string, string | undefined>>;
  variants: readonly { url: string }[];
}

/**
 * Checks a destination before it is stored. An accepted URL is safe in a `Location` header: as typed if that is plain
 * ASCII, or else percent-encoded like browsers do.
 */
export function checkDestination(value: string, context: DestinationContext): DestinationCheck {
  const url = URL.parse(value);
  const rule = findBrokenRule(value, url, context);
  if (rule !== undefined || url === null) {
    const broken = rule ?? 'url';
    const allowed = allowedValues[broken];
    const message = describeFieldError({ field: context.field, value, allowed });
    return { kind: 'refused', rule: broken, allowed, message };
  }
  const asTyped = plainUrl.test(value) && (!isWeb(url) || webScheme.test(value));
  return { kind: 'accepted', url: asTyped ? value : url.href };
}

// oxlint-disable-next-line no-control-regex -- control characters are what this pattern looks for
const controlCharacters = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

function findBrokenRule(value: string, url: URL | null, context: DestinationContext): DestinationRule | undefined {
  if (value.length === 0 || value.length > destinationLimit) return 'length';
  if (controlCharacters.test(value)) return 'control-characters';
  if (url === null) return 'url';
  if (!destinationSchemes.includes(url.protocol)) return 'scheme';
  if (isWeb(url) && url.hostname === '') return 'host';
  if (url.username !== '' || url.password !== '') return 'credentials';
  if (isLoop(url, context)) return 'loop';
  return url.href.length > destinationLimit ? 'length' : undefined;
}

function isWeb(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}

function isLoop({ href }: URL, { own }: DestinationContext): boolean {
  return own !== undefined && readOwnCode(href, own) === own.code;
}

/** Returns the code if the URL is a short link of this stack, read as generously as redirect reads it. */
export function readOwnCode(value: string, { ownHosts, ignoreCase }: OwnLinks): string | undefined {
  const url = URL.parse(value);
  if (url === null || !isWeb(url) || !ownHosts.includes(withoutRootDot(url.host))) return undefined;
  const code = decode(url.pathname).replace(/^\/+|[^\w-]+$/g, '');
  if (!linkCodePattern.test(code)) return undefined;
  return ignoreCase ? code.toLowerCase() : code;
}

/** `go.example.` is `go.example` by its absolute name. */
function withoutRootDot(host: string): string {
  return host.replace(/\.(?=:|$)/, '');
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Returns a query string as browsers encode it: a header can hold it. */
export function toPlainQuery(query: string): string {
  return plainUrl.test(query) ? query : (URL.parse(`http://h/?${query}`)?.search.slice(1) ?? '');
}

const schemePattern = /^([a-z][a-z0-9+.-]*:)/i;

/**
 * Returns a stored destination in a form that is safe in a `Location` header; undefined if its scheme is not allowed or a
 * header cannot hold it. Links may have been stored without {@link checkDestination}.
 */
export function toSafeLocation(value: string): string | undefined {
  const scheme = schemePattern.exec(value)?.[1]?.toLowerCase();
  if (scheme === undefined || !destinationSchemes.includes(scheme)) return undefined;
  if (plainUrl.test(value)) return value;
  if (controlCharacters.test(value)) return undefined;
  return URL.parse(value)?.href;
}

/** Returns every destination of a link with its field: `url`, `expiredUrl`, `variants.0.url`, `countryUrls.DE`. */
export function listDestinations(link: Destinations): [field: string, value: string][] {
  return [
    ['url', link.url],
    ...link.variants.map(({ url }, index): [string, string] => [`variants.${index}.url`, url]),
    ...(link.expiredUrl === null ? [] : [['expiredUrl', link.expiredUrl] as [string, string]]),
    ...(['deviceUrls', 'countryUrls'] as const).flatMap((map) =>
      Object.entries(link[map]).flatMap(([key, value]): [string, string][] =>
        value === undefined ? [] : [[`${map}.${key}`, value]],
      ),
    ),
  ];
}
