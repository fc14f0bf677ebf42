import { createHash, timingSafeEqual } from 'node:crypto';
import type { Page } from '#schemas/catalog.ts';

/** Text of an ingest key: it names its page, an id to find it by, and a secret of which only a hash is stored. */
export interface IngestKey {
  page: string;
  id: string;
  secret: string;
}

/** @example `hci_ada_…_…` */
export function formatIngestKey({ page, id, secret }: IngestKey): string {
  return `hci_${page.slice(1)}_${id}_${secret}`;
}

const pattern = /^hci_([A-Za-z0-9._-]{1,64})_([A-Za-z0-9_-]{16})_([A-Za-z0-9_-]{43})$/;

export function parseIngestKey(text: string): IngestKey | undefined {
  const [, name, id, secret] = pattern.exec(text) ?? [];
  return name && id && secret ? { page: `/${name}`, id, secret } : undefined;
}

/** Replaces ingest keys in a text by `[key]`. */
export function hideIngestKeys(text: string): string {
  return text.replace(/hci_[\w.-]+/g, '[key]');
}

/** Returns whether it is a key of the page that was not revoked. Compares in constant time. */
export function isKeyOf(page: Page, { page: path, id, secret }: IngestKey): boolean {
  const stored = page.ingestKeys?.find((key) => key.id === id);
  if (path !== page.path || stored === undefined) return false;
  const expected = Buffer.from(stored.hash, 'hex');
  const actual = createHash('sha256').update(secret).digest();
  return expected.length === actual.length && timingSafeEqual(actual, expected);
}
