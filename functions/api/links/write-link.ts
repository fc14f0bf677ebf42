import { findLoop } from '#core/links/loop.ts';
import { checkLink, describeLoop, type LinkProblem } from '#core/links/new-link.ts';
import type { LinkChange, NewLink } from '#schemas/api/links.ts';
import type { Link } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { AlreadyExists } from '#stores/errors.ts';
import { updatedAfter } from '../conditional.ts';
import { conflict, invalidRequest, type Problem } from '../problem.ts';

export interface LinkWriter {
  catalog: Pick<CatalogAdmin, 'createLink' | 'getLink'>;
  ownHost: string;
  ignoreCase: boolean;
  now: () => number;
  random: (bytes: number) => Uint8Array;
}

const maxAttempts = 5;

/** Stores a link, with a random code if it has none. @throws {Problem} 400 for an invalid link, 409 for a taken code */
export async function storeNewLink(writer: LinkWriter, input: NewLink): Promise<Link> {
  if (input.code !== undefined) {
    const link = await parseLink(input, writer);
    if (!(await tryCreate(writer, link))) throw codeTaken(link.code);
    return link;
  }
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const link = await parseLink({ ...input, code: createCode(writer.random) }, writer);
    if (await tryCreate(writer, link)) return link;
  }
  throw conflict(`No free code found in ${maxAttempts} attempts. Try again.`);
}

/** Returns the changed link. @throws {Problem} 400 for an invalid change */
export function applyLinkChange(writer: LinkWriter, link: Link, change: LinkChange): Promise<Link> {
  return parseLink({ ...link, ...change, updatedAt: updatedAfter(link, writer.now()) }, writer);
}

async function parseLink(input: unknown, { now, ownHost, ignoreCase, catalog }: LinkWriter): Promise<Link> {
  const check = checkLink(input, { now: now(), ownHost, ignoreCase });
  if (check.kind === 'refused') throw refusedLink(check.problems);
  const loop = await findLoop(check.link, { ownHost, ignoreCase, findLink: catalog.getLink });
  if (loop !== undefined) throw refusedLink([describeLoop(loop)]);
  return check.link;
}

function refusedLink(problems: readonly LinkProblem[]): Problem {
  return invalidRequest(problems.map(({ field, value, allowed }) => ({ field, value, allowed })));
}

/** Returns false if the code is taken. */
async function tryCreate({ catalog }: LinkWriter, link: Link): Promise<boolean> {
  try {
    await catalog.createLink(link);
    return true;
  } catch (error) {
    if (error instanceof AlreadyExists) return false;
    throw error;
  }
}

function codeTaken(code: string): Problem {
  return conflict(`The code \`${code}\` is taken.`, [{ field: 'code', value: code, allowed: 'a code that is free' }]);
}

const alphabet = '23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ';

/** 56^7: 1.7 × 10^12 codes. */
const codeLength = 7;

function createCode(random: (bytes: number) => Uint8Array): string {
  return Array.from(random(codeLength), (byte) => alphabet[byte % alphabet.length]).join('');
}
