import { checkDestination } from '#core/links/destination.ts';
import { suggestCodes } from '#core/preview/suggest-codes.ts';
import type { LinkPreview } from '#schemas/api/links.ts';
import { listOwnHosts } from '#schemas/settings/link-domains.ts';
import { within } from '#stores/web/public-request.ts';
import type { ApiDeps } from '../deps.ts';
import { invalidRequest, tooManyRequests } from '../problem.ts';

type PreviewDeps = Pick<ApiDeps, 'catalog' | 'web' | 'webRate' | 'icons' | 'addresses'>;

/**
 * Reads a destination for a user who makes a link of it.
 * @throws {Problem} 400 for a URL that no link may have, 429 for too many
 */
export async function previewLink(deps: PreviewDeps, caller: string, url: string): Promise<LinkPreview> {
  const check = checkDestination(url, { field: 'url' });
  if (check.kind === 'refused') throw invalidRequest([{ field: 'url', value: url, allowed: check.allowed }]);
  const { page, problem } = await readPage(deps, caller, check.url);
  return { ...page, codes: await findFreeCodes(deps, suggestCodes(page.title, check.url)), problem };
}

const unread = { title: null, description: null, image: null, picture: null, icon: null };

async function readPage({ web, webRate, addresses }: PreviewDeps, caller: string, url: string) {
  const { protocol = '', host = '' } = URL.parse(url) ?? {};
  // A request to the stack itself would be a click.
  if (!/^https?:$/.test(protocol) || listOwnHosts(addresses).includes(host)) return { page: unread, problem: null };
  if (!(await webRate(caller))) throw tooManyRequests(60);
  const result = await web.read(url);
  return result.kind === 'page' ? { page: result.page, problem: null } : { page: unread, problem: result.reason };
}

const codesSuggested = 3;

async function findFreeCodes({ catalog }: PreviewDeps, codes: readonly string[]): Promise<string[]> {
  const taken = await catalog.findCodes(codes);
  return codes.filter((code) => !taken.has(code)).slice(0, codesSuggested);
}

/** Milliseconds. What takes longer is cached for the next request. */
const iconTimeout = 6_000;

/** Returns the icons of sites, as far as they are cached or read in time. */
export function readIcons(deps: PreviewDeps, caller: string, hosts: readonly string[]) {
  return Promise.all(
    hosts.map(async (host) => ({ host, icon: await within(iconTimeout, readIcon(deps, caller, host), null) })),
  );
}

async function readIcon({ icons, web, webRate }: PreviewDeps, caller: string, host: string): Promise<string | null> {
  const { value } = await icons({
    key: host,
    compute: async () =>
      (await webRate(caller)) ? { value: await web.icon(host), complete: true } : { value: null, complete: false },
  });
  return value;
}
