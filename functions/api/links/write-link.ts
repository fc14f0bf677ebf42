import { checkLink, type LinkProblem } from '#core/links/new-link.ts';
import type { LinkChange } from '#schemas/api/links.ts';
import type { Link } from '#schemas/catalog.ts';
import type { CatalogAdmin } from '#stores/catalog/catalog-admin.ts';
import { AlreadyExists } from '#stores/errors.ts';
import { conflict, invalidRequest, notFound, type Problem } from '../problem.ts';

export interface LinkWriter {
  catalog: Pick<CatalogAdmin, 'createLink' | 'replaceLink'>;
  ownHost: string;
  now: () => number;
  random: (bytes: number) => Uint8Array;
}

/** @throws {Problem} 400 for what is wrong with it, 404 where it is gone meanwhile */
export async function changeLink(writer: LinkWriter, link: Link, change: LinkChange): Promise<Link> {
  const updatedAt = new Date(writer.now()).toISOString();
  const changed = checked({ ...link, ...change, updatedAt }, writer);
  if (!(await writer.catalog.replaceLink(changed))) throw notFound();
  return changed;
}

function checked(input: unknown, { now, ownHost }: LinkWriter): Link {
  const check = checkLink(input, { now: now(), ownHost });
  if (check.kind === 'refused') throw problemOf(check.problems);
  return check.link;
}

function problemOf(problems: readonly LinkProblem[]): Problem {
  return invalidRequest(problems.map(({ field, value, allowed }) => ({ field, value, allowed: allowed })));
}

const codeAttempts = 5;

/** Creates a link; without a code one is made. @throws {Problem} 400 for what is wrong with it, 409 for a taken code */
export async function createLink(
  writer: LinkWriter,
  input: { code?: string | undefined } & Record<string, unknown>,
): Promise<Link> {
  if (input.code !== undefined) {
    const link = checked(input, writer);
    if (!(await created(writer, link))) throw taken(link.code);
    return link;
  }
  for (let attempt = 0; attempt < codeAttempts; attempt++) {
    const link = checked({ ...input, code: newCode(writer.random) }, writer);
    if (await created(writer, link)) return link;
  }
  throw taken('made at random');
}

/** False where the code is taken. */
async function created({ catalog }: LinkWriter, link: Link): Promise<boolean> {
  try {
    await catalog.createLink(link);
    return true;
  } catch (error) {
    if (error instanceof AlreadyExists) return false;
    throw error;
  }
}

function taken(code: string): Problem {
  return conflict(`The code "${code}" is taken.`, [{ field: 'code', value: code, allowed: 'a code that no link has' }]);
}

const alphabet = '23456789abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ';

/** 56^7: 1.7 × 10^12 codes. */
const codeLength = 7;

function newCode(random: (bytes: number) => Uint8Array): string {
  return Array.from(random(codeLength), (byte) => alphabet[byte % alphabet.length]).join('');
}
