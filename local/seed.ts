import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { demoPages, toCatalogLinks, toCatalogPage } from './demo/demo-pages.ts';

/** Adds the demo page with its links to an empty catalog. @returns whether it added it */
export async function seedCatalog(catalog: CatalogAdmin, { now, url }: { now: number; url: string }): Promise<boolean> {
  const { rows } = await catalog.listPages({ limit: 10 });
  // Ignore the canary's page, which may exist before any other.
  if (rows.some(({ path }) => !path.startsWith('/_'))) return false;
  const [demo] = demoPages;
  if (demo === undefined) return false;
  const at = new Date(now).toISOString();
  await catalog.putPage({ ...toCatalogPage(demo, at, url), agency: null });
  await catalog.importLinks(toCatalogLinks(demo, at));
  return true;
}
