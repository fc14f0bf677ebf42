import { ulidOf } from '../ulid.ts';

export interface RunIdOptions {
  now: () => number;
  random: (bytes: number) => Uint8Array;
}

/**
 * Returns a function that creates ULIDs for runs: each is later than the one before and than `beyond`, even if the
 * clock goes back. A run never overwrites the counters of a later one.
 */
export function createRunIds({ now, random }: RunIdOptions): (beyond?: string) => string {
  let last = 0;
  return (beyond = '') => {
    last = Math.max(now(), last + 1, beyond === '' || beyond === 'none' ? 0 : parseUlidTime(beyond) + 1);
    return ulidOf(last, random(16));
  };
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const timeLength = 10;

/** Returns the time in a ULID, in milliseconds since the epoch. */
export function parseUlidTime(ulid: string): number {
  return Array.from(ulid.slice(0, timeLength), (character) => Math.max(alphabet.indexOf(character), 0)).reduce(
    (time, digit) => time * 32 + digit,
    0,
  );
}
