import { createHash } from 'node:crypto';
import { destinationLimit } from '#core/links/destination.ts';

const titleLimit = 300;

export type PathLink = ReturnType<typeof linkOfPath>;

/**
 * The link of one path of a log: always the same code for the same page and path, so that a second replay clicks the
 * same links. `/Blog` and `/blog` are two; `/` has no slug and is called `home`.
 */
export function linkOfPath(page: string, path: string, base: string) {
  return {
    code: `${slugOf(path) || 'home'}-${hashOf(page, path)}`,
    page,
    // A path longer than a destination may be is cut; the code still tells it from others.
    url: `${base}${path}`.slice(0, destinationLimit),
    title: readable(path).slice(0, titleLimit),
  };
}

const codeLimit = 64;

/** 36^10 ≈ 2^51.7: a collision is expected from some 60 million paths of the same slug on. */
const hashLength = 10;

function slugOf(path: string): string {
  return readable(path)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, codeLimit - hashLength - 1)
    .replace(/-+$/, '');
}

/** The text of a path, for people: percent-encoding undone where it is UTF-8. */
function readable(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function hashOf(page: string, path: string): string {
  return createHash('sha256')
    .update(`${page}\n${path}`)
    .digest()
    .readBigUInt64BE()
    .toString(36)
    .padStart(hashLength, '0')
    .slice(-hashLength);
}
