import { html, raw } from 'hono/html';
import { renderHtml } from './html.ts';
import { linkPageStyle } from './link-page-style.ts';

export interface Notice {
  title: string;
  text: string;
  /** The page where the visitor finds other links. */
  owner?: NoticeOwner | undefined;
}

export interface NoticeOwner {
  /** Path of the page: `/ada`. */
  page: string;
  /** What precedes the address of its link page: nothing on the same domain. */
  prefix: string;
  /** Text of the owner, in place of ours; null: none. */
  text: string | null;
}

/** Returns the HTML of a page with one message, for a link that does not redirect or an outage. */
export function renderNotice({ title, text, owner }: Notice): string {
  return renderHtml(html`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
<title>${title}</title><style>${raw(linkPageStyle)}</style></head>
<body><main class="notice"><header><h1>${title}</h1>${owner?.text ? html`<p class="own" dir="auto">${owner.text}</p>` : html`<p>${text}</p>`}${owner === undefined ? null : html`<p><a href="${owner.prefix}/@${owner.page.slice(1)}">Other links of /@${owner.page.slice(1)}</a></p>`}</header></main></body></html>
`);
}
