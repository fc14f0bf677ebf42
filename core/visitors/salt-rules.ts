/** The salt of one page-local date, as stored. */
export interface SaltRecord {
  /** `2026-11-22` */
  localDate: string;
  /** 256 random bits. */
  secret: Uint8Array;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

const hour = 3_600_000;

/** From its creation a salt lives this long, in milliseconds. */
export const saltLifetime = 72 * hour;

/** Dates that are present somewhere on earth now or will be within a day: what the salts job makes ahead of need. */
export function datesToSalt(now: number): string[] {
  return [now - day, now, now + day].map(dateOf).filter((date) => maySalt(date, now));
}

const day = 24 * hour;

function dateOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

/** A date ends last in UTC−12: 12 hours into the next UTC date. */
const lastZone = 12 * hour;

/**
 * Whether a date may be given a salt now: from one UTC day before it (it begins first in UTC+14, and the job is ahead)
 * until it has ended everywhere. The window is 60 hours, shorter than a salt's life: a salt that has expired is never
 * made again, so a late event finds either its own day's salt or none.
 */
export function maySalt(localDate: string, now: number): boolean {
  const start = startOf(localDate);
  return now >= start - day && now <= start + day + lastZone;
}

function startOf(localDate: string): number {
  return Date.parse(`${localDate}T00:00:00Z`);
}
