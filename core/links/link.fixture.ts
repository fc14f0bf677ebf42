import type { Link, Page } from '#schemas/catalog.ts';

/** A link without rules, for tests. */
export const plainLink: Link = {
  id: 'k3x9',
  code: 'k3x9',
  page: '/ada',
  url: 'https://shop.example/spring',
  title: 'Spring sale',
  campaign: 'spring',
  status: 302,
  enabled: true,
  startsAt: null,
  expiresAt: null,
  expiredUrl: null,
  clickLimit: null,
  passwordHash: null,
  deviceUrls: {},
  countryUrls: {},
  passQuery: false,
  utm: {},
  variants: [],
  card: null,
  tags: [],
  archived: false,
  position: null,
  listed: true,
  section: null,
  icon: false,
  createdAt: '2026-11-01T00:00:00Z',
  updatedAt: '2026-11-01T00:00:00Z',
};

export const plainPage: Page = {
  path: '/ada',
  title: 'Ada',
  description: 'Numbers and engines',
  timeZone: 'Europe/London',
  agency: null,
  origins: ['https://ada.example'],
  consentedIds: false,
  createdAt: '2026-11-01T00:00:00Z',
  updatedAt: '2026-11-01T00:00:00Z',
};
