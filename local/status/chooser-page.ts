import type { Account } from '../identity/user-pool.ts';
import { demoAgency } from '../demo/demo-pages.ts';
import { escapeHtml, layout } from './layout.ts';

/**
 * Renders the local sign-in page. With the query of an authorization request, choosing a user continues it; without
 * one, it shows a token.
 */
export function renderChooser(search: string | undefined, accounts: readonly Account[]): string {
  const action = search === undefined ? '/_local/token' : '/_local/oidc/authorize';
  const hidden = hiddenFields(search ?? '');
  const sections = [
    [
      'Administrator: sees everything, and adds pages and users',
      form(action, hidden, 'admin', 'Continue as administrator', ''),
    ],
    [
      'Agency: sees the pages of one agency',
      form(action, hidden, 'agency', 'Continue as agency', named('agency', 'Agency', demoAgency)),
    ],
    [
      'Creator: edits one page and its links',
      form(action, hidden, 'creator', 'Continue as creator', named('page', 'Page of the creator', '/demo')),
    ],
    ...accounts.map(({ subject, email }) => [
      escapeHtml(email),
      form(action, hidden, 'account', 'Continue as this user', chosen(subject)),
    ]),
  ]
    .map(([title, content]) => `<section style="margin-bottom:16px"><h2>${title}</h2>${content}</section>`)
    .join('');
  const intro =
    '<p>On this machine you need no password: choose a role to see what it sees. A deployed stack asks Cognito or your OIDC issuer instead.</p>';
  return layout({ title: 'Sign in locally', narrow: true, body: intro + sections });
}

/** Keeps the parameters of the authorization request in hidden form fields. */
function hiddenFields(search: string): string {
  return [...new URLSearchParams(search)]
    .filter(([name]) => name !== 'as' && name !== 'for')
    .map(([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`)
    .join('');
}

function form(action: string, hidden: string, as: string, label: string, field: string): string {
  return `<form action="${action}" method="get">${hidden}<input type="hidden" name="as" value="${as}">${field}
<p style="margin-top:10px"><button>${label}</button></p></form>`;
}

function named(id: string, label: string, example: string): string {
  return `<label for="${id}">${label}</label><input id="${id}" name="for" required value="${example}">`;
}

function chosen(subject: string): string {
  return `<input type="hidden" name="for" value="${escapeHtml(subject)}">`;
}
