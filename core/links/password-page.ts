import { html, raw } from 'hono/html';
import { passwordLength } from '#schemas/catalog-rules.ts';
import { renderHtml } from './html.ts';
import { linkPageStyle } from './link-page-style.ts';

export interface PasswordPage {
  code: string;
  /** Query of the request, which follows the visitor to the destination. */
  query: string;
  /** Why the visitor sees the page again. */
  problem?: string;
}

/** Longest query that follows the visitor through the page, in characters: a longer one is left out. */
export const longestQuery = 2_000;

/** Returns the HTML of the page that asks for the password of a link. The API answers its form. */
export function renderPasswordPage({ code, query, problem }: PasswordPage): string {
  return renderHtml(html`<!doctype html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex">
<title>Password required</title><style>${raw(linkPageStyle)}</style></head>
<body><main class="notice"><header><h1>Password required</h1><p>This link is protected.</p></header>
<form method="post" action="/api/v1/links/${code}/unlock">
<input type="hidden" name="query" value="${query.length > longestQuery ? '' : query}">
<label for="password">Password</label>
<input id="password" name="password" type="password" required maxlength="${passwordLength.max}" autocomplete="off"
 autofocus${problem === undefined ? null : raw(' aria-invalid="true" aria-describedby="problem"')}>
${problem === undefined ? null : html`<p id="problem" role="alert">${problem}</p>`}
<button>Continue</button></form></main></body></html>
`);
}
