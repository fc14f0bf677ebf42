import type { Context } from 'hono';
import { formSecurityPolicy } from '#core/links/link-page-style.ts';
import { longestQuery, renderPasswordPage } from '#core/links/password-page.ts';
import { createUnlock, unlockParameter, withoutUnlock } from '#core/links/unlock.ts';
import type { Link } from '#schemas/catalog.ts';
import { linkCodePattern, passwordLength } from '#schemas/catalog-rules.ts';
import type { ApiDeps } from '../deps.ts';
import { tryPassword } from '../passwords.ts';
import { invalidRequest, notFound, tooLarge } from '../problem.ts';

/** Bytes of the form: a password and a query, with each character escaped. */
const bodyLimit = 20_000;

/**
 * Answers the form of a link's password page. The right password leads back to the link with a proof, which redirect
 * checks before it counts the click; so this request is no event, and a wrong password has no outcome.
 */
export async function unlockLink(deps: ApiDeps, c: Context): Promise<Response> {
  const given = c.req.param('code') ?? '';
  if (!linkCodePattern.test(given)) throw notFound('Link');
  const { password, query } = readForm(await c.req.text());
  const link = await findLink(deps, given);
  if (link === undefined) throw notFound('Link');
  const { id, code, passwordHash } = link;
  if (passwordHash === null) return c.redirect(toAddress(code, query), 303);
  function refuse(problem: string, status: 403 | 429): Response {
    return c.html(renderPasswordPage({ code, query, problem }), status, {
      'content-security-policy': formSecurityPolicy,
      'referrer-policy': 'no-referrer',
    });
  }
  const attempt = await tryPassword(deps, c, { id, passwordHash }, password);
  if (attempt === 'too-many') return refuse('Too many attempts. Try again in a minute.', 429);
  if (attempt === 'wrong') return refuse('Wrong password.', 403);
  const proof = `${unlockParameter}=${createUnlock({ id, passwordHash }, deps.now())}`;
  return c.redirect(toAddress(code, query === '' ? proof : `${query}&${proof}`), 303);
}

/** As redirect finds it: links with capitals from before a stack ignored them are only found as written. */
async function findLink({ catalog, ignoreCase }: ApiDeps, code: string): Promise<Link | undefined> {
  return (await catalog.getLink(code)) ?? (ignoreCase ? catalog.getLink(code.toLowerCase()) : undefined);
}

function readForm(body: string): { password: string; query: string } {
  const bytes = Buffer.byteLength(body);
  if (bytes > bodyLimit)
    throw tooLarge({ field: 'body', value: `${bytes} bytes`, allowed: `at most ${bodyLimit} bytes` });
  const form = new URLSearchParams(body);
  const password = form.get('password') ?? '';
  // Longer ones cannot be right, and would cost a hash.
  if (password === '' || password.length > passwordLength.max)
    throw invalidRequest([
      { field: 'password', value: null, allowed: `1 to ${passwordLength.max} characters long, in a form` },
    ]);
  const query = form.get('query') ?? '';
  return { password, query: query.length > longestQuery ? '' : withoutUnlock(query) };
}

/** The query is encoded as browsers do, so that nothing in it can end the header. */
function toAddress(code: string, query: string): string {
  return `/${code}${new URL(`http://h/?${query.replaceAll('#', '%23')}`).search}`;
}
