import type { Browser, Page } from 'playwright-core';
import type { Role } from '#schemas/catalog.ts';

const chosen = {
  admin: { button: 'Continue as administrator', field: undefined },
  agency: { button: 'Continue as agency', field: 'Agency' },
  creator: { button: 'Continue as creator', field: 'Page of the creator' },
} as const satisfies Record<Role, { button: string; field: string | undefined }>;

/**
 * Signs in through the local issuer's page, once per user of a stack: further pages restore the session of the first, which
 * takes one load of the dashboard instead of three.
 *
 * @param target the agency, or the path of the creator's page
 */
export async function signIn(page: Page, stackUrl: string, role: Role, target?: string): Promise<void> {
  const refreshTokens = refreshTokensOf(page);
  const user = [stackUrl, role, target].join(' ');
  const refreshToken = refreshTokens.get(user);
  if (refreshToken === undefined) await useSignInPage(page, stackUrl, role, target);
  else await restoreSession(page, stackUrl, refreshToken);
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
  refreshTokens.set(user, await page.evaluate((key) => sessionStorage.getItem(key) ?? '', refreshKey));
}

/** Where the dashboard keeps the token that restores a session. */
const refreshKey = 'hopcount.refresh';

const tokensOfBrowsers = new WeakMap<Browser, Map<string, string>>();

/** Returns the tokens of a browser's users. A later stack may have the port of one that stopped, but not its browser. */
function refreshTokensOf(page: Page): Map<string, string> {
  const browser = page.context().browser();
  if (browser === null) throw new Error('the page has no browser');
  const tokens = tokensOfBrowsers.get(browser) ?? new Map<string, string>();
  tokensOfBrowsers.set(browser, tokens);
  return tokens;
}

async function useSignInPage(page: Page, stackUrl: string, role: Role, target: string | undefined): Promise<void> {
  await page.goto(`${stackUrl}/app/`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const { button, field } = chosen[role];
  if (field !== undefined && target !== undefined) await page.getByLabel(field).fill(target);
  await page.getByRole('button', { name: button }).click();
}

async function restoreSession(page: Page, stackUrl: string, refreshToken: string): Promise<void> {
  // A small file of the same origin, which has the same storage.
  await page.goto(`${stackUrl}/app/manifest.json`);
  await page.evaluate(([key, token]) => sessionStorage.setItem(key, token), [refreshKey, refreshToken] as const);
  await page.goto(`${stackUrl}/app/`);
}
