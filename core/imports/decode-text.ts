import { UnreadableFile } from './unreadable-file.ts';

export type Encoding = 'UTF-8' | 'UTF-16LE' | 'UTF-16BE' | 'Windows-1252';

export interface TextDecoding {
  /** Returns the text of the bytes so far that no longer depends on the bytes to come. @throws {UnreadableFile} */
  push: (bytes: Uint8Array) => string;
  /** Returns the rest. @throws {UnreadableFile} */
  end: () => string;
  encoding: () => Encoding;
}

/**
 * Decodes a file of unknown encoding as it is read. A byte order mark decides; without one, the zero bytes of UTF-16 do. Else
 * it is UTF-8 until the first byte above 127 that is not: if all before was ASCII, the file is Windows-1252, as Excel saves
 * CSV. No character is ever replaced: a byte without one ends the reading.
 *
 * @example
 * const decoding = decodeText();
 * const text = decoding.push(Buffer.from('Caf\xe9', 'latin1')) + decoding.end(); // 'Café', Windows-1252
 */
export function decodeText(): TextDecoding {
  let encoding: Encoding | undefined;
  let rest: Uint8Array = new Uint8Array();
  let isAscii = true;
  const place = { line: 1 };

  function decode(bytes: Uint8Array, isLast: boolean): string {
    if (encoding === undefined) {
      if (bytes.length < sampleBytes && !isLast) return keep(bytes);
      refuseArchive(bytes);
      const detected = detect(bytes);
      encoding = detected.encoding;
      return decode(bytes.subarray(detected.mark), isLast);
    }
    switch (encoding) {
      case 'UTF-8':
        return decodeUtf8(bytes, isLast);
      case 'Windows-1252':
        return decodeWindows(bytes, place);
      case 'UTF-16LE':
      case 'UTF-16BE':
        return decodeUtf16(encoding, bytes, isLast);
      default:
        return encoding satisfies never;
    }
  }

  function keep(bytes: Uint8Array): string {
    rest = bytes;
    return '';
  }

  function decodeUtf8(bytes: Uint8Array, isLast: boolean): string {
    const { text, length } = readUtf8(bytes);
    const left = bytes.subarray(length);
    isAscii &&= text.length === length;
    countLines(text, place);
    // A character of which the other bytes follow.
    if (left.length === 0 || (!isLast && left.length < longestCharacter)) return text + keep(left);
    if (!isAscii)
      throw new UnreadableFile(
        `line ${place.line}: the byte 0x${toHex(left[0])} is not UTF-8, but characters before it are. Save the file as UTF-8`,
      );
    encoding = 'Windows-1252';
    return text + decodeWindows(left, place);
  }

  function decodeUtf16(label: 'UTF-16LE' | 'UTF-16BE', bytes: Uint8Array, isLast: boolean): string {
    try {
      const text = new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes, { stream: !isLast });
      countLines(text, place);
      // Half a character, or half of a pair of surrogates, follows with the next bytes.
      return text + keep(bytes.subarray(text.length * 2));
    } catch (cause) {
      throw new UnreadableFile(`line ${place.line} or later: the text is not ${label}. Save the file as UTF-8`, {
        cause,
      });
    }
  }

  function check(text: string): string {
    if (text.includes('\0')) throw new UnreadableFile(`line ${place.line} or before: the file is not text`);
    return text;
  }

  return {
    push: (bytes) => {
      const all = join(rest, bytes);
      rest = new Uint8Array();
      return check(decode(all, false));
    },
    end: () => {
      const last = rest;
      rest = new Uint8Array();
      return check(decode(last, true));
    },
    encoding: () => encoding ?? 'UTF-8',
  };
}

const sampleBytes = 512;
const longestCharacter = 4;

function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}

/** @throws {UnreadableFile} for a packed file, and for a workbook, which is one */
function refuseArchive([first, second]: Uint8Array): void {
  if (first === 0x50 && second === 0x4b)
    throw new UnreadableFile('the file is a ZIP archive or an Excel workbook. Save it as CSV, or unpack it');
  if (first === 0x1f && second === 0x8b) throw new UnreadableFile('the file is packed with gzip. Unpack it');
}

function detect(bytes: Uint8Array): { encoding: Encoding; mark: number } {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: 'UTF-8', mark: 3 };
  if (first === 0xff && second === 0xfe) return { encoding: 'UTF-16LE', mark: 2 };
  if (first === 0xfe && second === 0xff) return { encoding: 'UTF-16BE', mark: 2 };
  const zeros = [0, 0];
  for (const [at, byte] of bytes.subarray(0, sampleBytes).entries())
    if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  const [even = 0, odd = 0] = zeros;
  // Names of columns are mostly ASCII, so nearly every second byte is zero.
  const enough = Math.min(bytes.length, sampleBytes) / 4;
  if (odd > enough && even * 8 < odd) return { encoding: 'UTF-16LE', mark: 0 };
  if (even > enough && odd * 8 < even) return { encoding: 'UTF-16BE', mark: 0 };
  return { encoding: 'UTF-8', mark: 0 };
}

/** Returns the text up to the first byte that is not UTF-8, or not yet, and how many bytes it takes. */
function readUtf8(bytes: Uint8Array): { text: string; length: number } {
  function attempt(length: number): string | undefined {
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(0, length), {
        stream: true,
      });
    } catch {
      return undefined;
    }
  }
  let [valid, invalid] = [0, bytes.length + 1];
  let text = '';
  while (invalid - valid > 1) {
    // The whole first: nearly every file is UTF-8.
    const middle = invalid > bytes.length ? bytes.length : (valid + invalid) >> 1;
    const found = attempt(middle);
    if (found === undefined) invalid = middle;
    else [valid, text] = [middle, found];
  }
  return { text, length: countUtf8(text) };
}

function countUtf8(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The characters of 0x80 to 0x9f, in which Windows-1252 differs from Latin-1; a space where it has none. */
const windowsCharacters = '€ ‚ƒ„…†‡ˆ‰Š‹Œ Ž  ‘’“”•–—˜™š›œ žŸ';

function decodeWindows(bytes: Uint8Array, place: { line: number }): string {
  let text = '';
  for (const byte of bytes) {
    const character = byte >= 0x80 && byte < 0xa0 ? windowsCharacters[byte - 0x80] : String.fromCharCode(byte);
    if (byte === 0x0a) place.line += 1;
    if (character === ' ' && byte !== 0x20)
      throw new UnreadableFile(
        `line ${place.line}: the byte 0x${toHex(byte)} is no character of UTF-8 or Windows-1252. Save the file as UTF-8`,
      );
    text += character;
  }
  return text;
}

function toHex(byte = 0): string {
  return byte.toString(16).toUpperCase().padStart(2, '0');
}

function countLines(text: string, place: { line: number }): void {
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) place.line += 1;
}
