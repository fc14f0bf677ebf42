import { clientHintHeaders, edgeHeaders, sdkHeader } from '#schemas/edge-headers.ts';

/** Forwarded to redirect, which no script calls. */
export const redirectHeaderNames = headersWithout(edgeHeaders.origin);

/** Forwarded to collect, whose addresses no browser loads ahead of a visit. */
export const collectHeaderNames = headersWithout(edgeHeaders.purpose);

/** Forwarded below `/e/`, where the viewer function packs the client hints, too. */
export const sdkHeaderNames = collectHeaderNames.map((name) => (name === edgeHeaders.hints ? sdkHeader : name));

/**
 * What the viewer function packs into `sdkHeader` below `/e/`, because a policy forwards at most 10 headers and never
 * `authorization`. The body's type then becomes `application/octet-stream`: API Gateway would read `text/*` and JSON as
 * UTF-8, and destroy the gzip that posthog-js sends as text.
 */
export const packedHeaders = [
  'authorization',
  'x-write-key',
  'openpanel-client-id',
  'openpanel-client-secret',
  'access-control-request-headers',
  ...clientHintHeaders,
] as const;

/** Characters of each packed header that are kept. */
export const packedHeaderLimit = 500;

function headersWithout(left: string): string[] {
  return Object.values(edgeHeaders).filter((name) => name !== left);
}
