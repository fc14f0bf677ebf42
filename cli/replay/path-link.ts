import { createHash } from 'node:crypto';
import { destinationLimit } from '#schemas/catalog-rules.ts';

const titleLimit = 300;

export type PathLink = ReturnType<typeof createPathLink>;

/**
 * Creates the link of a path in a log. The code depends on page and path only, so a second replay clicks the same links.
 * `/Blog` and `/blog` are two links; `/` gets the slug `home`.
 */
export function createPathLink(page: string, path: string, base: string) {
  return {
    code: `${toSlug(path) || 'home'}-${hashPath(page, path)}`,
    page,
    // A long path is truncated here, but its code is still unique.
    url: `${base}${path}`.slice(0, destinationLimit),
    title: decodePath(path).slice(0, titleLimit),
  };
}

const codeLimit = 64;

/** 36^10 ≈ 2^51.7: expect a collision at 60 million paths with the same slug. */
const hashLength = 10;

function toSlug(path: string): string {
  return decodePath(path)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[^A-Za-z0-9_]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, codeLimit - hashLength - 1)
    .replace(/-+$/, '');
}

/** Decodes percent-encoding if it is valid UTF-8. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function hashPath(page: string, path: string): string {
  return createHash('sha256')
    .update(`${page}\n${path}`)
    .digest()
    .readBigUInt64BE()
    .toString(36)
    .padStart(hashLength, '0')
    .slice(-hashLength);
}
