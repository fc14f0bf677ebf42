import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Page } from 'playwright-core';

/**
 * Saves a screenshot of the whole page to `.local/screenshots` when the variable SCREENSHOTS is set. They are for
 * people: no test compares them, and one takes up to a second.
 */
export async function savePicture(page: Page, name: string): Promise<void> {
  if (process.env['SCREENSHOTS'] === undefined) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: path.join(folder, `${name}.png`), fullPage: true });
}

const folder = path.join(import.meta.dirname, '../../../.local/screenshots');
