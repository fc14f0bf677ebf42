import { html, raw } from 'hono/html';
import type { LinkCard } from './decide.ts';
import { renderHtml } from './html.ts';
import { linkPageStyle } from './link-page-style.ts';

/**
 * Returns the HTML from which messengers and social networks build the preview of a link (https://ogp.me, Twitter's cards).
 * Without `og:url`: the edge does not forward the host, and the URL must be absolute.
 */
export function renderCard({ title, description, image }: LinkCard): string {
  return renderHtml(html`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
<title>${title}</title>
<meta property="og:type" content="website">
<meta property="og:title" content="${title}">
${
  description === null
    ? null
    : html`<meta name="description" content="${description}">
<meta property="og:description" content="${description}">`
}
${image === null ? null : html`<meta property="og:image" content="${image}">`}
<meta name="twitter:card" content="${image === null ? 'summary' : 'summary_large_image'}">
<style>${raw(linkPageStyle)}</style></head>
<body><main class="notice"><header><h1 dir="auto">${title}</h1>${
    description === null ? null : html`<p dir="auto">${description}</p>`
  }</header></main></body></html>
`);
}
