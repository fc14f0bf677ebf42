import { describeFull, describeReserved } from '#core/links/link-code.ts';
import { findLoop } from '#core/links/loop.ts';
import { checkLink, describeLoop } from '#core/links/new-link.ts';
import type { Page } from '#schemas/catalog.ts';
import { linkLimits } from '#schemas/catalog-rules.ts';
import { type Addresses, domainOfNewLinks, listUsableDomains, toShortUrl } from '#schemas/settings/link-domains.ts';
import { defineCommand } from '#cli/command.ts';
import { CommandFailed, UsageError } from '#cli/errors.ts';
import {
  instant,
  linkCode,
  oneOf,
  optional,
  optionalWith,
  pagePath,
  repeated,
  required,
  text,
  wholeNumber,
} from '#cli/parameters.ts';
import { addressesOf, findStack, ownLinksOf } from '#cli/stack.ts';
import { ensurePage, openCatalog, releaseHint } from './catalog.ts';

export const addLink = defineCommand({
  summary: 'Create a link, and its page if it does not exist',
  arguments: {
    code: required(linkCode, 'short code; case-sensitive, unless the stack ignores case'),
    url: required(text('<url>'), 'destination'),
  },
  options: {
    page: required(pagePath, 'page that owns the link'),
    domain: optional(text('<domain>'), 'one of the other domains of the stack; default: that of the page'),
    title: optional(text('<text>'), 'shown on the link page'),
    campaign: optional(text('<id>'), 'campaign of the link'),
    alias: repeated(linkCode, 'another code that leads to the link'),
    tag: repeated(text('<tag>'), 'tag of the link'),
    status: optionalWith(
      oneOf(['301', '302', '307', '308']),
      '302',
      'redirect status; browsers may cache 301 and 308, and cached clicks are not counted',
    ),
    starts: optional(instant, 'when the link starts to redirect'),
    expires: optional(instant, 'when the link stops redirecting'),
    'click-limit': optional(wholeNumber(1, linkLimits.clicks), 'clicks after which the link is expired'),
  },
  run: async (values, terminal) => {
    const stack = await findStack(values.stack, terminal);
    const own = ownLinksOf(stack);
    const catalog = openCatalog(stack);
    const addresses = addressesOf(stack);
    const domain = chooseDomain(values.domain, await catalog.getPage(values.page), addresses);
    const check = checkLink(
      {
        code: values.code,
        aliases: values.alias,
        url: values.url,
        page: values.page,
        domain,
        title: values.title ?? null,
        campaign: values.campaign ?? null,
        tags: values.tag,
        status: Number(values.status),
        startsAt: iso(values.starts),
        expiresAt: iso(values.expires),
        clickLimit: values['click-limit'] ?? null,
      },
      { now: terminal.now(), ...own },
    );
    if (check.kind === 'refused') throw new UsageError(check.problems.map(({ message }) => message).join('\n'));
    const loop = await findLoop(check.link, { ...own, findLink: catalog.getLink });
    if (loop !== undefined) throw new UsageError(describeLoop(loop).message);
    if (await ensurePage(catalog, values.page, terminal.now())) terminal.note(`created page ${values.page} in UTC`);
    const creation = await catalog.createLink(check.link);
    switch (creation.kind) {
      case 'created':
        terminal.print(`${toShortUrl(addresses, creation.link)} → ${creation.link.url}`);
        return 0;
      case 'taken':
        throw new CommandFailed(`the code \`${creation.code}\` already exists`);
      case 'reserved':
        throw new CommandFailed(`${describeReserved(creation.code, creation.page)} ${releaseHint(creation.code)}`);
      case 'full':
        throw new CommandFailed(describeFull(check.link.page));
      default:
        return creation satisfies never;
    }
  },
});

/** @throws {UsageError} for a domain that the page may not name */
function chooseDomain(given: string | undefined, page: Page | undefined, { domains }: Addresses): string | null {
  const usable = listUsableDomains(page ?? { agency: null }, domains);
  if (given !== undefined && !usable.includes(given))
    throw new UsageError(
      `\`--domain\` must be ${usable.length === 0 ? 'omitted: the page may name none' : `one of ${usable.join(', ')}`}; got \`${given}\``,
    );
  return given ?? domainOfNewLinks(page, domains);
}

function iso(at: number | undefined): string | null {
  return at === undefined ? null : new Date(at).toISOString();
}
