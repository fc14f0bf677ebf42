import type { Page } from 'playwright-core';
import type { Role } from '#schemas/catalog.ts';

const chosen = {
  admin: { button: 'Continue as administrator', field: undefined },
  agency: { button: 'Continue as agency', field: 'Agency' },
  creator: { button: 'Continue as creator', field: 'Page of the creator' },
} as const satisfies Record<Role, { button: string; field: string | undefined }>;

/** Signs in through the local issuer's page. @param target the agency, or the path of the creator's page */
export async function signIn(page: Page, stackUrl: string, role: Role, target?: string): Promise<void> {
  await page.goto(`${stackUrl}/app/`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  const { button, field } = chosen[role];
  if (field !== undefined && target !== undefined) await page.getByLabel(field).fill(target);
  await page.getByRole('button', { name: button }).click();
  await page.getByRole('navigation', { name: 'Main' }).waitFor();
}
