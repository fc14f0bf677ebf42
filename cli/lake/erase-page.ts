import { type ErasureReceipt, erasureReceiptSchema } from '#schemas/lake-jobs.ts';
import type { Page } from '#schemas/catalog.ts';
import { invokeFunction } from '#cli/invoke-function.ts';
import { linksOfPage, openCatalog } from '#cli/links/catalog.ts';
import type { Stack } from '#cli/stack.ts';

/** Erases a page's events and counters, deletes the page and its links, and frees their codes. */
export async function erasePage(stack: Stack, page: Page, now: number): Promise<ErasureReceipt> {
  const catalog = openCatalog(stack);
  const time = new Date(now).toISOString();
  const codes: string[] = [];
  for await (const link of linksOfPage(catalog, page.path)) {
    codes.push(link.code, ...link.aliases);
    await catalog.deleteLink(link, time);
  }
  const subject = { kind: 'page', value: page.path };
  const receipt = await invokeFunction(stack, 'EraseFunction', { time, subject }, erasureReceiptSchema);
  for (const code of codes) await catalog.releaseCode(code);
  await catalog.deletePage(page);
  return receipt;
}
