import type { ShareRecord } from './shares.ts';

/** A share link without a password that no site embeds. */
export const plainShare: ShareRecord = {
  id: 'share',
  page: '/ada',
  label: 'press',
  hash: 'h',
  createdAt: '2026-11-22T07:00:00.000Z',
  expiresAt: '2027-01-01T00:00:00.000Z',
  revokedAt: null,
  extras: [],
  metrics: [],
  passwordHash: null,
  embedOrigins: [],
};
