import { createHmac } from 'node:crypto';
import type { Page } from '#schemas/catalog.ts';
import { personIdLimit } from '#schemas/catalog-rules.ts';

/** Ids of a person, as an SDK sent them: as a user, and of the device or before. */
export interface PersonIds {
  user?: string | undefined;
  anonymous?: string | undefined;
}

type Keeper = Pick<Page, 'path' | 'identities' | 'identitySecret'>;

/** Returns the hashes of the ids that a page keeps. */
export function keptIds(page: Keeper, { user, anonymous }: PersonIds): PersonIds {
  if (page.identities === 'none') return {};
  return {
    user: hashPersonId(page, user),
    anonymous: page.identities === 'all' ? hashPersonId(page, anonymous) : undefined,
  };
}

/**
 * Returns the first 128 bits of HMAC-SHA-256 of a person's id, in hex, under the secret of its page. Two pages have different hashes of the
 * same person. Undefined for what is no id, and for a page that has no secret.
 */
export function hashPersonId(
  { path, identitySecret }: Omit<Keeper, 'identities'>,
  id: string | undefined,
): string | undefined {
  if (id === undefined || identitySecret === undefined || id.length > personIdLimit || isPlaceholder(id))
    return undefined;
  return createHmac('sha256', Buffer.from(identitySecret, 'base64url'))
    .update(`person\n${path}\n${id}`)
    .digest('hex')
    .slice(0, 32);
}

/** Whether it is a hash of `hashPersonId`. */
export const personHashPattern = /^[0-9a-f]{32}$/;

/** What applications send for a visitor whom they do not know: as an id, it would make everybody one person. */
function isPlaceholder(id: string): boolean {
  return placeholders.has(id.trim().toLowerCase()) || id.startsWith('$posthog_');
}

const placeholders: ReadonlySet<string> = new Set([
  '',
  '""',
  '0',
  '-1',
  'anonymous',
  'distinct_id',
  'false',
  'guest',
  'id',
  'nan',
  'nil',
  'none',
  'null',
  'true',
  'undefined',
  'unknown',
  'user',
  '[object object]',
  '00000000-0000-0000-0000-000000000000',
]);
