import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { renderHtml } from '#core/links/html.ts';

/** Pages behind the links of a mail: a question with one button, and its confirmation. */

const style = [
  ':root{--ground:#f5f3ef;--card:#fff;--ink:#1c1917;--soft:#6b645c;--line:#e4dfd7;--accent:#b3461f;--on:#fff}',
  '@media(prefers-color-scheme:dark){:root{--ground:#141210;--card:#1f1c19;--ink:#f3efe9;--soft:#a89f95;--line:#332e29;--accent:#f08a5d;--on:#1c1008}}',
  '*{box-sizing:border-box}',
  'body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere;padding:1rem}',
  'main{width:100%;max-width:28rem;background:var(--card);border:1px solid var(--line);border-radius:.875rem;padding:2rem;text-align:center}',
  'h1{font-size:1.375rem;line-height:1.25;margin:0 0 .5rem;text-wrap:balance}p{margin:0 0 1.25rem;color:var(--soft);text-wrap:balance}',
  'button{font:inherit;font-weight:600;background:var(--accent);color:var(--on);border:0;border-radius:.625rem;padding:.75rem 1.5rem;cursor:pointer}',
  'button:focus-visible{outline:3px solid var(--accent);outline-offset:3px}',
].join('');

/** Allows this style, and a form to the same origin. */
export const confirmationPagePolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Opening the page changes nothing, so that programs that follow every link of a mail do not trigger the action. */
export function questionPage(title: string, text: string, button: string): string {
  return renderPage(title, text, html`<form method="post"><button>${button}</button></form>`);
}

export function donePage(title: string, text: string): string {
  return renderPage(title, text, null);
}

function renderPage(title: string, text: string, form: ReturnType<typeof html> | null): string {
  return renderHtml(html`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">
<title>${title}</title><style>${raw(style)}</style></head><body><main>
<h1>${title}</h1><p><bdi>${text}</bdi></p>${form}</main></body></html>
`);
}
