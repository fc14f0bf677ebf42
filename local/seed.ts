import { type LinkInput, linkInputSchema, type Page, pageSchema } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';

/** Adds a demo page with links to an empty catalog. @returns whether it added it */
export async function seedCatalog(catalog: CatalogAdmin, now: number): Promise<boolean> {
  const { rows } = await catalog.listPages({ limit: 10 });
  // Ignore the canary's page, which may exist before any other.
  if (rows.some(({ path }) => !path.startsWith('/_'))) return false;
  const at = new Date(now).toISOString();
  await catalog.putPage(demoPage(at));
  await catalog.importLinks(linksOf(at));
  return true;
}

const demoPath = '/demo';

function demoPage(at: string): Page {
  return pageSchema.parse({
    path: demoPath,
    title: 'Hopcount demo',
    description: 'One page, five links. Click them, then look at their stats.',
    origins: ['http://localhost:8787'],
    createdAt: at,
    updatedAt: at,
  });
}

const demoLinks = [
  { code: 'aws', url: 'https://aws.amazon.com/lambda/', title: 'How Lambda works', campaign: 'learn' },
  { code: 'parquet', url: 'https://parquet.apache.org/docs/', title: 'The Parquet format', campaign: 'learn' },
  { code: 'duckdb', url: 'https://duckdb.org/docs/', title: 'DuckDB documentation', campaign: 'tools' },
  { code: 'spring', url: 'https://example.com/spring?size=m', title: 'The spring collection', campaign: 'spring' },
  { code: 'newsletter', url: 'https://example.com/newsletter', title: 'A letter a month', campaign: null },
];

function linksOf(at: string): LinkInput[] {
  return demoLinks.map((link, position) =>
    linkInputSchema.parse({ ...link, page: demoPath, position, createdAt: at, updatedAt: at }),
  );
}
