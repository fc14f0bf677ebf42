import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type CatalogAdmin, createCatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { describeErased } from '#core/settle/tombstone.ts';
import { type Link, pageSchema } from '#schemas/catalog.ts';
import { CommandFailed } from '#cli/errors.ts';
import type { Stack } from '#cli/stack.ts';

export function openCatalog(stack: Stack): CatalogAdmin {
  return createCatalogAdmin({
    client: new DynamoDBClient(stack.clientOptions('dynamodb')),
    table: stack.outputs.CatalogTable,
  });
}

/** Creates the page in UTC if it does not exist. Returns whether it was created. @throws {CommandFailed} if it was erased */
export async function ensurePage(
  catalog: Pick<CatalogAdmin, 'getPage' | 'createPage'>,
  path: string,
  now: number,
): Promise<boolean> {
  if (await catalog.getPage(path)) return false;
  const at = new Date(now).toISOString();
  const page = pageSchema.parse({ path, title: path.slice(1), createdAt: at, updatedAt: at });
  const creation = await catalog.createPage(page);
  if (creation === 'erased') throw new CommandFailed(describeErased(path));
  return creation === 'created';
}

/** Says how to free a reserved code. */
export function releaseHint(code: string): string {
  return `Add the link to that page, or release the code with \`hopcount links release ${code}\`.`;
}

/** @throws {CommandFailed} if the link does not exist */
export async function requireLink(catalog: Pick<CatalogAdmin, 'getLink'>, code: string): Promise<Link> {
  const link = await catalog.getLink(code);
  if (!link) throw new CommandFailed(`link \`${code}\` not found; check the code and its capitals`);
  return link;
}

/** Lists the links of a page, ordered by code. */
export async function* linksOfPage(catalog: Pick<CatalogAdmin, 'listLinksOfPage'>, page: string): AsyncGenerator<Link> {
  let after: string | undefined;
  do {
    const { rows, next } = await catalog.listLinksOfPage(page, { limit: 500, after });
    yield* rows;
    after = next;
  } while (after !== undefined);
}
