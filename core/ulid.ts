/**
 * Returns a ULID: 48 bits of time and 80 random bits, as text that sorts by time (github.com/ulid/spec).
 * @param milliseconds since the epoch
 * @param random at least 16 random bytes; 5 bits of each are used
 */
export function ulidOf(milliseconds: number, random: Uint8Array): string {
  return timeText(milliseconds) + Array.from(random.subarray(0, randomLength), (byte) => alphabet[byte & 31]).join('');
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

const randomLength = 16;

const timeLength = 10;

function timeText(milliseconds: number): string {
  let text = '';
  for (let rest = milliseconds; text.length < timeLength; rest = Math.floor(rest / 32))
    text = `${alphabet[rest % 32]}${text}`;
  return text;
}

/** Returns when a ULID was created, in milliseconds since the epoch. */
export function decodeUlidTime(ulid: string): number {
  return Array.from(ulid.slice(0, timeLength)).reduce((time, letter) => time * 32 + alphabet.indexOf(letter), 0);
}
