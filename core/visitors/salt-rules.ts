import { dayLength, hourLength } from '#core/time.ts';

/** The salt of one page-local date, as stored. */
export interface SaltRecord {
  /** `2026-11-22` */
  localDate: string;
  /** 256 random bits. */
  secret: Uint8Array;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

/** Lifetime of a salt after its creation, in milliseconds. */
export const saltLifetime = 72 * hourLength;

/** Returns the dates that are current somewhere on earth now or within a day: the salts job creates their salts. */
export function datesToSalt(now: number): string[] {
  return [now - dayLength, now, now + dayLength].map(dateOf).filter((date) => maySalt(date, now));
}

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** A date ends last in UTC−12: 12 hours into the next UTC date. */
const lastZone = 12 * hourLength;

/**
 * Returns whether a salt may be created for a date now: from one UTC day before it (it begins first in UTC+14, and the
 * job runs ahead) until it has ended everywhere. The window of 60 hours is shorter than a salt's lifetime, so an
 * expired salt is never created again: a late event gets its own day's salt or none.
 */
export function maySalt(localDate: string, now: number): boolean {
  const start = startOf(localDate);
  return now >= start - dayLength && now <= start + dayLength + lastZone;
}

function startOf(localDate: string): number {
  return Date.parse(`${localDate}T00:00:00Z`);
}
