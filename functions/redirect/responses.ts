import { type LinkPageContext, linkPagePolicy, renderLinkPage } from '#core/links/link-page.ts';
import { formSecurityPolicy, htmlSecurityPolicy } from '#core/links/link-page-style.ts';
import { renderCard } from '#core/links/card-page.ts';
import { type NoticeOwner, renderNotice } from '#core/links/notice-page.ts';
import { renderPasswordPage } from '#core/links/password-page.ts';
import type { ClosedReason, Decision } from '#core/links/decide.ts';
import type { Link, Page } from '#schemas/catalog.ts';
import type { RedirectStatus } from '#schemas/catalog-rules.ts';

/** What a link page shows. */
export interface PageWithLinks {
  page: Page;
  links: readonly Link[];
}

/** A response as plain values. The body is never empty: Lambda's streaming drops status and headers if no byte is written. */
export interface HttpResponse {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

const noStore = { 'cache-control': 'no-store' } as const;

const closedTexts: Readonly<Record<ClosedReason, { status: number; title: string; text: string }>> = {
  disabled: { status: 404, title: 'This link is switched off', text: 'Its owner has switched it off.' },
  'not-started': { status: 404, title: 'This link is not open yet', text: 'Please come back later.' },
  expired: { status: 410, title: 'This link has expired', text: 'It was open for a limited time or number of visits.' },
  broken: { status: 404, title: 'This link does not work', text: 'Its destination is not allowed.' },
};

/** @param owner of the page that the link belongs to */
export function buildResponse({ response }: Decision, owner?: NoticeOwner): HttpResponse {
  switch (response.kind) {
    case 'redirect':
      return redirection(response.status, response.location);
    case 'closed': {
      const { status, title, text } = closedTexts[response.why];
      // Only the text for links that the owner has closed.
      return html(
        status,
        renderNotice({ title, text, owner: response.why === 'broken' && owner ? { ...owner, text: null } : owner }),
      );
    }
    case 'locked':
      return html(200, renderPasswordPage(response), passwordHeaders);
    case 'card':
      return html(200, renderCard(response.card));
    case 'prefetch':
      // The browser discards a failed prefetch and requests the link again at the tap, which is then counted.
      return plain(503, 'not prefetched\n');
    case 'method':
      return plain(405, 'method not allowed\n', { ...noStore, allow: 'GET, HEAD' });
    default:
      return response satisfies never;
  }
}

export function showLinkPage({ page, links }: PageWithLinks, context: LinkPageContext): HttpResponse {
  return html(200, renderLinkPage(page, links, context), {
    ...noStore,
    'content-security-policy': linkPagePolicy(page),
  });
}

/** Without a referrer, or the click that follows would come from the stack itself. */
const passwordHeaders = {
  ...noStore,
  'content-security-policy': formSecurityPolicy,
  'referrer-policy': 'no-referrer',
} as const;

function redirection(status: RedirectStatus, location: string): HttpResponse {
  // Permanent redirects may be cached only briefly, because clicks that a browser serves from its cache are not counted.
  const cacheControl = status === 301 || status === 308 ? 'private, max-age=90' : 'no-store';
  return plain(status, `${location}\n`, { location, 'cache-control': cacheControl });
}

function plain(status: number, body: string, headers: Readonly<Record<string, string>> = noStore): HttpResponse {
  return {
    status,
    headers: { ...headers, 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    body,
  };
}

function html(status: number, body: string, headers: Readonly<Record<string, string>> = noStore): HttpResponse {
  return {
    status,
    headers: {
      'content-security-policy': htmlSecurityPolicy,
      'referrer-policy': 'strict-origin-when-cross-origin',
      ...headers,
      'content-type': 'text/html; charset=utf-8',
      'x-content-type-options': 'nosniff',
    },
    body,
  };
}

const notFoundNotice = {
  title: 'Link not found',
  text: 'Check the address: a character may be missing or different.',
};
const notFoundHtml = renderNotice(notFoundNotice);

/** @param owner of the page at the domain that was asked */
export function notFound(owner?: NoticeOwner): HttpResponse {
  return html(404, owner === undefined ? notFoundHtml : renderNotice({ ...notFoundNotice, owner }));
}

/** The response to a request that did not come through CloudFront. */
export function forbidden(): HttpResponse {
  return plain(403, 'forbidden\n');
}

const unavailableHtml = renderNotice({
  title: 'A moment, please',
  text: 'This link cannot be looked up right now. Try again shortly.',
});

export function unavailable(): HttpResponse {
  return html(503, unavailableHtml, { ...noStore, 'retry-after': '5' });
}

const aDay = { 'cache-control': 'public, max-age=86400' } as const;

const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="9" fill="#b3461f"/>' +
  '<path d="M9 24V8M9 18c0-7 14-7 14 0v6" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round"/></svg>\n';

/** Paths that browsers and crawlers request from every host. They are not events. */
const fixedResponses: Readonly<Record<string, HttpResponse>> = {
  '/robots.txt': plain(200, 'User-agent: *\nDisallow: /api/\nDisallow: /app/\n', aDay),
  '/favicon.ico': { status: 200, headers: { ...aDay, 'content-type': 'image/svg+xml' }, body: icon },
};

/** Sends visitors of the bare domain on. Not an event: it belongs to no page. */
export function redirectHome(location: string): HttpResponse {
  return plain(302, `${location}\n`, { location, 'cache-control': 'public, max-age=300' });
}

export function fixedResponse(path: string): HttpResponse | undefined {
  return Object.hasOwn(fixedResponses, path) ? fixedResponses[path] : undefined;
}
