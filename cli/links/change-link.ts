import { CommandFailed } from '#cli/errors.ts';
import { type Command, defineCommand } from '#cli/command.ts';
import { linkCode, pagePath, required } from '#cli/parameters.ts';
import { findStack } from '#cli/stack.ts';
import { table } from '#cli/table.ts';
import { requireLink, linksOfPage, openCatalog } from './catalog.ts';

const code = required(linkCode, 'short code; case-sensitive, unless the stack ignores case');

export const deleteLink = defineCommand({
  summary: 'Delete a link; keep its statistics, and its code for its page',
  arguments: { code },
  run: async (values, terminal) => {
    const catalog = openCatalog(await findStack(values.stack, terminal));
    const link = await requireLink(catalog, values.code);
    if (!(await catalog.deleteLink(link, new Date(terminal.now()).toISOString())))
      throw new CommandFailed(`${values.code} was changed by someone else at the same time; run the command again`);
    terminal.print(`${values.code} is deleted; the edge applies the change within 60 s`);
    terminal.note(`the code stays reserved for ${link.page}; \`hopcount links release ${values.code}\` frees it`);
    return 0;
  },
});

export const releaseCode = defineCommand({
  summary: 'Release the code of a deleted link, so that any page can use it',
  details: "The next link with the code doesn't get the statistics of the deleted one.",
  arguments: { code },
  run: async (values, terminal) => {
    const released = await openCatalog(await findStack(values.stack, terminal)).releaseCode(values.code);
    if (released === undefined) throw new CommandFailed(`the code \`${values.code}\` is not reserved`);
    terminal.print(`${values.code} is free; it was reserved for ${released.page} since ${released.deletedAt}`);
    return 0;
  },
});

export const showLink = defineCommand({
  summary: 'Print a link as JSON',
  arguments: { code },
  run: async (values, terminal) => {
    const catalog = openCatalog(await findStack(values.stack, terminal));
    terminal.print(JSON.stringify(await requireLink(catalog, values.code), null, 2));
    return 0;
  },
});

export const listLinks = defineCommand({
  summary: 'List the links of a page',
  options: { page: required(pagePath, 'page that owns the links') },
  run: async (values, terminal) => {
    const catalog = openCatalog(await findStack(values.stack, terminal));
    const rows: string[][] = [];
    for await (const link of linksOfPage(catalog, values.page))
      rows.push([link.code, String(link.status), link.enabled ? 'enabled' : 'disabled', link.url]);
    terminal.print(rows.length === 0 ? `${values.page} has no links` : table(['code', 'status', 'state', 'url'], rows));
    return 0;
  },
});

/** Creates `links enable` or `links disable`. */
export function switchLink(enabled: boolean): Command {
  return defineCommand({
    summary: enabled ? 'Enable a link' : 'Disable a link; its requests get the outcome disabled',
    arguments: { code },
    run: async (values, terminal) => {
      const catalog = openCatalog(await findStack(values.stack, terminal));
      const link = await requireLink(catalog, values.code);
      const changed = { ...link, enabled, updatedAt: new Date(terminal.now()).toISOString() };
      if (!(await catalog.replaceLink(changed, link)))
        throw new CommandFailed(`${values.code} was changed by someone else at the same time; run the command again`);
      terminal.print(`${values.code} is ${enabled ? 'enabled' : 'disabled'}; the edge applies the change within 60 s`);
      return 0;
    },
  });
}
