/** A picture of a data URL, as its bytes say. */
export interface SizedPicture {
  type: 'image/png' | 'image/jpeg' | 'image/webp';
  /** Pixels. */
  width: number;
  height: number;
  bytes: Buffer;
}

/** More pixels in one direction than any logo needs: a few kilobytes can say that they are gigabytes. */
export const largestSide = 2000;

/** Returns the picture of a data URL in base64; undefined if it is not what its type says, or too large to be drawn. */
export function readPicture(dataUrl: string): SizedPicture | undefined {
  const [, name = '', base64 = ''] = /^data:image\/(png|jpeg|webp);base64,(.+)$/.exec(dataUrl) ?? [];
  const bytes = Buffer.from(base64, 'base64');
  switch (name) {
    case 'png':
      return sized('image/png', bytes, sizeOfPng(bytes));
    case 'jpeg':
      return sized('image/jpeg', bytes, sizeOfJpeg(bytes));
    case 'webp':
      return sized('image/webp', bytes, sizeOfWebp(bytes));
    default:
      return undefined;
  }
}

type Size = readonly [width: number, height: number];

function sized(type: SizedPicture['type'], bytes: Buffer, size: Size | undefined): SizedPicture | undefined {
  const [width, height] = size ?? [0, 0];
  const fits = width > 0 && height > 0 && width <= largestSide && height <= largestSide;
  return fits ? { type, width, height, bytes } : undefined;
}

/** Signature, then the chunk `IHDR`: https://www.w3.org/TR/png-3/#11IHDR */
function sizeOfPng(bytes: Buffer): Size | undefined {
  if (bytes.length < 24 || bytes.toString('latin1', 0, 16) !== '\x89PNG\r\n\x1a\n\0\0\0\rIHDR') return undefined;
  return [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
}

/** Markers that begin a frame, `SOF0` to `SOF15` without `DHT`, `JPG` and `DAC`: ITU-T T.81, table B.1. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function sizeOfJpeg(bytes: Buffer): Size | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2))
    if (isFrame(bytes[at + 1] ?? 0)) return [bytes.readUInt16BE(at + 7), bytes.readUInt16BE(at + 5)];
  return undefined;
}

/** Lossy, lossless and extended files: RFC 9649, section 2. */
function sizeOfWebp(bytes: Buffer): Size | undefined {
  if (bytes.length < 30 || bytes.toString('latin1', 0, 4) !== 'RIFF') return undefined;
  switch (bytes.toString('latin1', 8, 16)) {
    case 'WEBPVP8 ':
      return [bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff];
    case 'WEBPVP8L': {
      const bits = bytes.readUInt32LE(21);
      return [(bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1];
    }
    case 'WEBPVP8X':
      return [bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1];
    default:
      return undefined;
  }
}
