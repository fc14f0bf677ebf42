import { html, raw } from 'hono/html';
import { renderHtml } from './html.ts';
import { linkPageStyle } from './link-page-style.ts';

/**
 * Returns the HTML of a page with one message, for a link that does not redirect or an outage.
 * @param page path of the page that the link belongs to, where the visitor finds its other links: `/ada`
 */
export function renderNotice(title: string, text: string, page?: string): string {
  return renderHtml(html`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
<title>${title}</title><style>${raw(linkPageStyle)}</style></head>
<body><main class="notice"><header><h1>${title}</h1><p>${text}</p>${page === undefined ? null : html`<p><a href="/@${page.slice(1)}">Other links of /@${page.slice(1)}</a></p>`}</header></main></body></html>
`);
}
