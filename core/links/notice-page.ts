import { html, raw } from 'hono/html';
import { renderHtml } from './html.ts';
import { linkPageStyle } from './link-page-style.ts';

/** Returns the HTML of a page with one message, for a link that does not redirect or an outage. */
export function renderNotice(title: string, text: string): string {
  return renderHtml(html`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
<title>${title}</title><style>${raw(linkPageStyle)}</style></head>
<body><main class="notice"><header><h1>${title}</h1><p>${text}</p></header></main></body></html>
`);
}
