import { destinationSchemes } from '#schemas/catalog-rules.ts';

/** Longest destination, in characters: what every browser and CloudFront's header limits carry. */
export const destinationLimit = 2048;

export type DestinationRule = 'length' | 'control-characters' | 'url' | 'scheme' | 'host' | 'credentials' | 'loop';

export type DestinationCheck =
  | { kind: 'accepted'; url: string }
  | { kind: 'refused'; rule: DestinationRule; allowed: string; message: string };

export interface DestinationContext {
  /** Name of the field, for the message: `url`, `deviceUrls.ios`. */
  field: string;
  /** Host of the stack (`go.example`, with a port where it has one) and the link's own code, to see a loop. */
  ownHost?: string;
  code?: string;
}

const schemeNames = destinationSchemes.map((scheme) => scheme.slice(0, -1)).join(', ');

const allowedValues: Record<DestinationRule, string> = {
  length: `must have 1 to ${destinationLimit} characters`,
  'control-characters': 'must not contain line breaks or other control characters',
  url: 'must be an absolute URL',
  scheme: `must have one of the schemes ${schemeNames}`,
  host: 'must name a host',
  credentials: 'must not contain a user name or a password',
  loop: 'must not lead back to the link itself',
};

/** Printable ASCII without what a URL must escape: kept as its owner typed it. */
const plainUrl = /^[\x21\x23-\x3b\x3d\x3f-\x5b\x5d-\x7e]+$/;
const webScheme = /^https?:\/\/[^/]/i;

/** The fields of a link that hold destinations. */
export interface Destinations {
  url: string;
  expiredUrl: string | null;
  deviceUrls: Readonly<Record<string, string | undefined>>;
  countryUrls: Readonly<Record<string, string | undefined>>;
}

/**
 * Evaluates a destination before it is stored. An accepted one is safe in a `Location` header; it is kept as typed where
 * that is plain ASCII, else percent-encoded as browsers do.
 */
export function checkDestination(value: string, context: DestinationContext): DestinationCheck {
  const url = URL.parse(value);
  const rule = brokenRule(value, url, context);
  if (rule !== undefined || url === null) {
    const broken = rule ?? 'url';
    const allowed = `it ${allowedValues[broken]}`;
    const message = `${context.field} ${shown(value)} is refused by rule destination.${broken}: ${allowed}`;
    return { kind: 'refused', rule: broken, allowed, message };
  }
  const asTyped = plainUrl.test(value) && (!isWeb(url) || webScheme.test(value));
  return { kind: 'accepted', url: asTyped ? value : url.href };
}

// oxlint-disable-next-line no-control-regex -- control characters are what this pattern looks for
const controlCharacters = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;

function brokenRule(value: string, url: URL | null, context: DestinationContext): DestinationRule | undefined {
  if (value.length === 0 || value.length > destinationLimit) return 'length';
  if (controlCharacters.test(value)) return 'control-characters';
  if (url === null) return 'url';
  if (!destinationSchemes.includes(url.protocol)) return 'scheme';
  if (isWeb(url) && url.hostname === '') return 'host';
  if (url.username !== '' || url.password !== '') return 'credentials';
  if (leadsBack(url, context)) return 'loop';
  return url.href.length > destinationLimit ? 'length' : undefined;
}

function isWeb(url: URL): boolean {
  return url.protocol === 'http:' || url.protocol === 'https:';
}

function leadsBack(url: URL, { ownHost, code }: DestinationContext): boolean {
  if (ownHost === undefined || code === undefined || !isWeb(url) || url.host !== ownHost.toLowerCase()) return false;
  return url.pathname === `/${code}` || url.pathname === `/${code}/`;
}

function shown(value: string): string {
  return JSON.stringify(value.length > 120 ? `${value.slice(0, 120)}…` : value);
}

const schemeOf = /^([a-z][a-z0-9+.-]*:)/i;

/**
 * The last check before a destination is emitted, for links stored by other means.
 * @returns the URL to emit, or undefined where its scheme is not allowed or it cannot stand in a header
 */
export function toSafeLocation(value: string): string | undefined {
  const scheme = schemeOf.exec(value)?.[1]?.toLowerCase();
  if (scheme === undefined || !destinationSchemes.includes(scheme)) return undefined;
  if (plainUrl.test(value)) return value;
  if (controlCharacters.test(value)) return undefined;
  return URL.parse(value)?.href;
}

/** Every destination of a link by the name of its field: `url`, `expiredUrl`, `deviceUrls.ios`, `countryUrls.DE`. */
export function listDestinations(link: Destinations): [field: string, value: string][] {
  return [
    ['url', link.url],
    ...(link.expiredUrl === null ? [] : [['expiredUrl', link.expiredUrl] as [string, string]]),
    ...(['deviceUrls', 'countryUrls'] as const).flatMap((map) =>
      Object.entries(link[map]).flatMap(([key, value]): [string, string][] =>
        value === undefined ? [] : [[`${map}.${key}`, value]],
      ),
    ),
  ];
}
