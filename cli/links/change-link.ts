import { CommandFailed } from '#cli/errors.ts';
import { type Command, defineCommand } from '#cli/command.ts';
import { flag, linkCode, optional, pagePath, required, text } from '#cli/parameters.ts';
import { type Link, normalizeTag } from '#schemas/catalog.ts';
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
    const { passwordHash, ...link } = await requireLink(catalog, values.code);
    terminal.print(JSON.stringify({ ...link, protected: passwordHash !== null }, null, 2));
    return 0;
  },
});

export const listLinks = defineCommand({
  summary: 'List the links of a page',
  options: {
    page: required(pagePath, 'page that owns the links'),
    tag: optional(text('<tag>'), 'only links with this tag'),
    archived: flag('archived links instead of the others'),
  },
  run: async (values, terminal) => {
    const catalog = openCatalog(await findStack(values.stack, terminal));
    const tag = values.tag === undefined ? undefined : normalizeTag(values.tag);
    const rows: string[][] = [];
    for await (const { code: name, status, enabled, url, tags, archived } of linksOfPage(catalog, values.page))
      if (archived === values.archived && (tag === undefined || tags.includes(tag)))
        rows.push([name, String(status), enabled ? 'enabled' : 'disabled', url, tags.join(', ')]);
    terminal.print(rows.length === 0 ? 'no links' : table(['code', 'status', 'state', 'url', 'tags'], rows));
    return 0;
  },
});

/** A command that changes one field of a link. */
interface LinkSwitch {
  summary: string;
  change: Partial<Pick<Link, 'enabled' | 'archived'>>;
  /** The new state, for the confirmation. */
  state: string;
}

export const switches = {
  enable: { summary: 'Enable a link', change: { enabled: true }, state: 'enabled' },
  disable: {
    summary: 'Disable a link; its requests get the outcome disabled',
    change: { enabled: false },
    state: 'disabled',
  },
  archive: {
    summary: 'Archive a link: it is in no list, but still redirects',
    change: { archived: true },
    state: 'archived',
  },
  unarchive: { summary: 'Take a link out of the archive', change: { archived: false }, state: 'out of the archive' },
} as const satisfies Record<string, LinkSwitch>;

export function switchLink({ summary, change, state }: LinkSwitch): Command {
  return defineCommand({
    summary,
    arguments: { code },
    run: async (values, terminal) => {
      const catalog = openCatalog(await findStack(values.stack, terminal));
      const link = await requireLink(catalog, values.code);
      const changed = { ...link, ...change, updatedAt: new Date(terminal.now()).toISOString() };
      if (!(await catalog.replaceLink(changed, link)))
        throw new CommandFailed(`${values.code} was changed by someone else at the same time; run the command again`);
      terminal.print(`${values.code} is ${state}; the edge applies the change within 60 s`);
      return 0;
    },
  });
}
