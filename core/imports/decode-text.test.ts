import { expect, it } from 'vitest';
import { decodeText } from './decode-text.ts';

const text = 'code;title\r\nk;Café “für” 😀 日本\r\n';

function utf16(source: string, isBig: boolean): Buffer {
  const bytes = Buffer.from(source, 'utf16le');
  return isBig ? bytes.swap16() : bytes;
}

/** Decodes in pieces of a size, which cut characters. */
function decode(bytes: Uint8Array, size: number) {
  const decoding = decodeText();
  let found = '';
  for (let at = 0; at < bytes.length; at += size) found += decoding.push(bytes.subarray(at, at + size));
  found += decoding.end();
  return { text: found, encoding: decoding.encoding() };
}

it.each([
  ['UTF-8', Buffer.from(text)],
  ['UTF-8', Buffer.from(`\uFEFF${text}`)],
  ['UTF-16LE', Buffer.concat([Buffer.from([0xff, 0xfe]), utf16(text, false)])],
  ['UTF-16BE', Buffer.concat([Buffer.from([0xfe, 0xff]), utf16(text, true)])],
  ['UTF-16LE', utf16(`code,url,title${text}`, false)],
  ['UTF-16BE', utf16(`code,url,title${text}`, true)],
] as const)('%s is read whole, wherever it is cut', (encoding, bytes) => {
  for (const size of [1, 2, 3, 5, 7, 600, 10_000]) {
    const found = decode(bytes, size);
    expect(found.encoding).toBe(encoding);
    expect(found.text.endsWith(text)).toBe(true);
    expect(found.text).not.toContain('\uFFFD');
    expect(found.text.startsWith('code')).toBe(true);
  }
});

it('Windows-1252 is detected at the first letter that is not UTF-8', () => {
  const head = 'a'.repeat(2_000);
  const bytes = Buffer.concat([Buffer.from(head), Buffer.from([0x43, 0x61, 0x66, 0xe9, 0x20, 0x80, 0x92, 0x0a])]);
  for (const size of [1, 3, 512, 10_000]) {
    expect(decode(bytes, size)).toEqual({ text: `${head}Café €’\n`, encoding: 'Windows-1252' });
  }
  expect(decode(Buffer.from([0x43, 0xe9]), 10).text).toBe('Cé');
});

it.each([
  [
    'a byte that is not UTF-8 after characters that are',
    Buffer.from([0xc3, 0xa9, 0x0a, 0x61, 0xe9, 0x20, 0x20, 0x20]),
    /line 2: the byte 0xE9/,
  ],
  ['a byte without a character', Buffer.from([0x61, 0x0a, 0x81, 0x20]), /line 2: the byte 0x81/],
  ['a workbook', Buffer.from('PK\u0003\u0004'), /Excel workbook/],
  ['a packed file', Buffer.from([0x1f, 0x8b, 0x08, 0x00]), /gzip/],
  ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d]), /not text/],
  ['half of a pair', Buffer.from([0xff, 0xfe, 0x61, 0x00, 0x3d, 0xd8]), /not UTF-16LE/],
])('%s is refused', (_what, bytes, message) => {
  for (const size of [1, 3, 10_000]) expect(() => decode(bytes, size)).toThrow(message);
});

it('an empty file is empty', () => expect(decode(new Uint8Array(), 1)).toEqual({ text: '', encoding: 'UTF-8' }));
