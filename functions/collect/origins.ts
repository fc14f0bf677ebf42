import type { EdgeRequest } from '#core/edge/edge-request.ts';
import type { Page } from '#schemas/catalog.ts';
import { edgeHeaders } from '#schemas/edge-headers.ts';

/** Returns the origin of the request: scripts send `Origin`; for the pixel it is that of the embedding page. */
export function requestOrigin({ headers }: EdgeRequest): string | undefined {
  return originOf(headers[edgeHeaders.origin] ?? headers[edgeHeaders.referrer]);
}

export function originOf(url: string | undefined): string | undefined {
  return URL.parse(url ?? '')?.origin;
}

export function isRegistered(page: Page, origin: string | undefined): origin is string {
  return origin !== undefined && page.origins.some((registered) => originOf(registered) === origin);
}

export function describeUnregistered(page: Page, origin: string | undefined): string {
  const registered = page.origins.join(', ') || 'none';
  return `Origin ${origin ?? 'unknown'} is not registered for page ${page.path} (registered: ${registered}). Add it in the page's settings.`;
}
