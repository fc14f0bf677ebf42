import { describe, expect, it } from 'vitest';
import { fc } from '#test/property.ts';
import { largestSide, readPicture } from './picture-size.ts';

/** A PNG of 2 × 3 pixels. */
const smallPng = 'iVBORw0KGgoAAAANSUhEUgAAAAIAAAADCAIAAAA2iEnWAAAAEElEQVR4nGMQ0bABIgYUCgAcrQLRilA+/wAAAABJRU5ErkJggg==';

function urlOf(type: string, bytes: Buffer): string {
  return `data:image/${type};base64,${bytes.toString('base64')}`;
}

function png(width: number, height: number): Buffer {
  const header = Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1');
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  return Buffer.concat([header, size]);
}

function jpeg(width: number, height: number, before: readonly Buffer[]): Buffer {
  const frame = Buffer.from([0xff, 0xc2, 0, 17, 8, height >> 8, height & 255, width >> 8, width & 255, 3]);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), ...before, frame, Buffer.alloc(10)]);
}

function segment(marker: number, length: number): Buffer {
  return Buffer.concat([
    Buffer.from([0xff, marker, (length + 2) >> 8, (length + 2) & 255]),
    Buffer.alloc(length, 0xc0),
  ]);
}

function webp(kind: string, at: number, size: Buffer): Buffer {
  const bytes = Buffer.alloc(40);
  bytes.write(`RIFF\0\0\0\0WEBP${kind}`, 'latin1');
  size.copy(bytes, at);
  return bytes;
}

describe('the size of a picture', () => {
  it('is what the bytes of a PNG, a JPEG and a WebP say', () => {
    expect(readPicture(`data:image/png;base64,${smallPng}`)).toMatchObject({ type: 'image/png', width: 2, height: 3 });
    const app = [segment(0xe0, 14), segment(0xc4, 300), segment(0xdb, 65)];
    expect(readPicture(urlOf('jpeg', jpeg(320, 80, app)))).toMatchObject({ width: 320, height: 80 });
    const lossy = webp('VP8 ', 26, Buffer.from([64, 1, 80, 0x40]));
    expect(readPicture(urlOf('webp', lossy))).toMatchObject({ width: 320, height: 80 });
    const bits = Buffer.alloc(4);
    bits.writeUInt32LE((319 | (79 << 14)) >>> 0);
    expect(readPicture(urlOf('webp', webp('VP8L', 21, bits)))).toMatchObject({ width: 320, height: 80 });
    const extended = Buffer.alloc(6);
    extended.writeUIntLE(319, 0, 3);
    extended.writeUIntLE(79, 3, 3);
    expect(readPicture(urlOf('webp', webp('VP8X', 24, extended)))).toMatchObject({ width: 320, height: 80 });
  });

  it('is bounded, because a small file can say that it is huge', () => {
    expect(readPicture(urlOf('png', png(largestSide, largestSide)))).toBeDefined();
    expect(readPicture(urlOf('png', png(largestSide + 1, 1)))).toBeUndefined();
    expect(readPicture(urlOf('png', png(1, largestSide + 1)))).toBeUndefined();
    expect(readPicture(urlOf('png', png(0, 1)))).toBeUndefined();
  });

  it('is unknown for anything else, whatever it says', () => {
    for (const url of [
      urlOf('png', Buffer.from('<script>alert(1)</script>, long enough to be a header')),
      urlOf('jpeg', png(2, 3)),
      urlOf('png', png(2, 3).subarray(0, 23)),
      urlOf('svg+xml', Buffer.from('<svg/>')),
      urlOf('jpeg', jpeg(2, 3, []).subarray(0, 8)),
      'https://evil.example/pixel.png',
    ])
      expect(readPicture(url)).toBeUndefined();
    fc.assert(
      fc.property(fc.constantFrom('png', 'jpeg', 'webp'), fc.uint8Array({ maxLength: 300 }), (type, bytes) => {
        readPicture(urlOf(type, Buffer.from(bytes)));
        readPicture(urlOf(type, Buffer.from([0xff, 0xd8, 0xff, ...bytes])));
      }),
    );
  });
});
