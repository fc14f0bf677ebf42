import { createLinkFile, linkFileFormats } from '#schemas/export/links.ts';
import type { Link } from '#schemas/catalog.ts';
import { toShortUrl } from '#schemas/settings/link-domains.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { defineCommand } from '#cli/command.ts';
import { CommandFailed } from '#cli/errors.ts';
import { writeNewFile } from '#cli/new-file.ts';
import { oneOf, optional, optionalWith, pagePath, text } from '#cli/parameters.ts';
import { addressesOf, findStack } from '#cli/stack.ts';
import { linksOfPage, openCatalog } from './catalog.ts';

export const exportLinks = defineCommand({
  summary: 'Write links to a file that Hopcount or another tool imports',
  details: `\`csv\` and \`json\` have every field but passwords, and \`links import\` reads them again. \`bitly\`, \`dub\` and \`shlink\` have what those
tools import; each alias is a link of its own there. Archived links are included. An existing file is not overwritten.`,
  options: {
    page: optional(pagePath, 'links of this page alone (default: of all pages)'),
    format: optionalWith(oneOf(linkFileFormats), 'csv', 'file format'),
    out: optional(text('<file>'), 'file to create (default: `links.csv`, `links.json`, `links-bitly.csv` and so on)'),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const catalog = openCatalog(stack);
    const addresses = addressesOf(stack);
    if (values.page !== undefined && (await catalog.getPage(values.page)) === undefined)
      throw new CommandFailed(`page \`${values.page}\` not found`);
    const file = createLinkFile(values.format);
    const out = values.out ?? file.name;
    const pages = values.page === undefined ? allPages(catalog) : [values.page];
    let count = 0;
    async function* write(): AsyncGenerator<string> {
      yield file.start;
      for await (const link of linksOf(catalog, pages)) {
        count += 1;
        yield file.toText({ ...link, shortUrl: toShortUrl(addresses, link) });
      }
      yield file.end;
    }
    await writeNewFile(out, write());
    terminal.print(`${count} links in ${out}`);
    return 0;
  },
});

async function* allPages(catalog: Pick<CatalogAdmin, 'listPages'>): AsyncGenerator<string> {
  let after: string | undefined;
  do {
    const { rows, next } = await catalog.listPages({ limit: 500, after });
    for (const { path } of rows) yield path;
    after = next;
  } while (after !== undefined);
}

async function* linksOf(
  catalog: Pick<CatalogAdmin, 'listLinksOfPage'>,
  pages: Iterable<string> | AsyncIterable<string>,
): AsyncGenerator<Link> {
  for await (const page of pages) yield* linksOfPage(catalog, page);
}
