import { type Destinations, listDestinations, type OwnLinks, readOwnCode } from './destination.ts';

export interface LoopContext extends OwnLinks {
  findLink: (code: string) => Promise<LinkedDestinations | undefined>;
}

export interface LinkedDestinations extends Destinations {
  code: string;
  aliases: readonly string[];
}

export interface Loop {
  /** Field whose destination leads back to the link. */
  field: string;
  url: string;
  /** Codes on the way back, ending with the link's own. */
  codes: readonly string[];
}

/** Links that are followed to find a loop. Each is a lookup. */
export const followedLinks = 16;

/**
 * Returns a destination of a link that leads back to it, directly or through other links of the stack. Follows at most 16
 * links, whether they are enabled or not; a loop beyond them is not found.
 */
export async function findLoop(link: LinkedDestinations, context: LoopContext): Promise<Loop | undefined> {
  const seen = new Set<string>();
  let paths: Loop[] = codesOf(link, context).map(({ field, url, code }) => ({ field, url, codes: [code] }));
  while (paths.length > 0) {
    const next: Loop[] = [];
    for (const path of paths) {
      const code = path.codes.at(-1);
      if (code === undefined) continue;
      if (code === link.code || link.aliases.includes(code)) return path;
      if (seen.has(code) || seen.size >= followedLinks) continue;
      seen.add(code);
      const found = await context.findLink(code);
      if (found === undefined) continue;
      next.push(...codesOf(found, context).map(({ code: after }) => ({ ...path, codes: [...path.codes, after] })));
    }
    paths = next;
  }
  return undefined;
}

function codesOf(link: Destinations, context: OwnLinks) {
  return listDestinations(link).flatMap(([field, url]) => {
    const code = readOwnCode(url, context);
    return code === undefined ? [] : [{ field, url, code }];
  });
}
