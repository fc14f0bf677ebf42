import type { Account } from '../identity/user-pool.ts';
import { escapeHtml, layout } from './layout.ts';

/**
 * Who to sign in as. With the query of an authorization request, choosing goes on with it; without one, choosing
 * shows a token.
 */
export function renderChooser(search: string | undefined, accounts: readonly Account[]): string {
  const action = search === undefined ? '/_local/token' : '/_local/oidc/authorize';
  const hidden = hiddenFields(search ?? '');
  const body = [
    ['Administrator', form(action, hidden, 'admin', 'Continue as administrator', '')],
    ['Agency', form(action, hidden, 'agency', 'Continue as agency', named('agency', 'Name of the agency', 'acme'))],
    ['Creator', form(action, hidden, 'creator', 'Continue as creator', named('page', 'Their page', '/demo'))],
    ...accounts.map(({ subject, email }) => [
      escapeHtml(email),
      form(action, hidden, 'account', 'Continue as invited', chosen(subject)),
    ]),
  ]
    .map(([title, content]) => `<section style="margin-bottom:16px"><h2>${title}</h2>${content}</section>`)
    .join('');
  return layout({ title: 'Sign in locally', narrow: true, body });
}

/** Request parameters of an authorization, as hidden fields of the chooser's forms. */
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
