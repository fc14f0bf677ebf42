/**
 * The one table of headers that cross the edge. The origin request policies (lib/edge/forwarded-headers.ts) forward exactly
 * these, and redirect and collect read exactly these. CloudFront allows 10 headers in a policy by default; the viewer
 * function folds the older prefetch headers into `sec-purpose`, `dnt` into `sec-gpc`, and the host and client hints into one
 * header.
 */
export const edgeHeaders = {
  userAgent: 'user-agent',
  referrer: 'referer',
  accept: 'accept',
  acceptLanguage: 'accept-language',
  purpose: 'sec-purpose',
  privacy: 'sec-gpc',
  /** `203.0.113.7:46532`; an IPv6 address is not bracketed: the port follows the last colon. */
  viewerAddress: 'cloudfront-viewer-address',
  viewerCountry: 'cloudfront-viewer-country',
  viewerAsn: 'cloudfront-viewer-asn',
  origin: 'origin',
  /** `host=go.example.org&sec-ch-ua-mobile=…`: the host that the viewer asked, and client hints. */
  hints: 'x-client-hints',
} as const;

/** Client hints that browsers send without being asked, folded into `x-client-hints` as a query string. */
export const clientHintHeaders = ['sec-ch-ua-mobile', 'sec-ch-ua-platform', 'sec-ch-ua'] as const;

/** Headers of SDKs, packed by the viewer function below `/e/` (lib/edge/forwarded-headers.ts). The client hints come last. */
export const sdkHeader = 'x-sdk-headers';

/** Folded into `sec-purpose: prefetch` by the viewer function when the value says prefetch or preview. */
export const olderPurposeHeaders = ['purpose', 'x-purpose', 'x-moz'] as const;

/** Set by CloudFront on requests to the HTTP API; proves that what the request says of its viewer came from CloudFront. */
export const originSecretHeader = 'x-origin-secret';

/** Address of the viewer, which the viewer function sets for the API: its policy forwards none of CloudFront's headers. */
export const viewerAddressHeader = 'x-viewer-address';

/** Honoured by the local edge only, with `--allow-replay`; it removes both before they reach a function of a deployed stack. */
export const replayHeaders = { address: 'x-replay-ip', time: 'x-replay-time', page: 'x-replay-page' } as const;

interface DashboardPolicy {
  /** Other origins that it sends requests to: the issuer's. */
  connect: readonly string[];
  /** Origins of the sites that may show it in a frame. */
  ancestors: readonly string[];
}

/**
 * Returns the content security policy of the dashboard: no inline scripts and nothing from other origins; `blob:` and
 * `data:` are images that it draws.
 */
export function dashboardPolicy({ connect, ancestors }: DashboardPolicy): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    ["connect-src 'self'", ...connect].join(' '),
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${ancestors.length === 0 ? "'none'" : ancestors.join(' ')}`,
  ].join('; ');
}
