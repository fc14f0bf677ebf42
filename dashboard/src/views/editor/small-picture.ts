import { brandLimits, designLimits } from '#schemas/catalog-rules.ts';

/** Twice the size at which the page shows it; the smaller ones are for pictures with much detail. */
const sizes = [160, 120, 80];
const qualities = [0.85, 0.7, 0.5, 0.3];
/** Safari does not write WebP. */
const types = ['image/webp', 'image/jpeg'];

/**
 * Returns the middle of a picture as a small data URL, without its metadata, such as the place where it was taken.
 * @throws {Error} for a file that is not a picture
 */
export async function shrinkPicture(file: Blob): Promise<string> {
  const bitmap = await readPicture(file);
  for (const size of sizes) {
    const canvas = drawMiddle(bitmap, size);
    for (const quality of qualities) {
      const small = types
        .map((type) => ({ type, url: canvas.toDataURL(type, quality) }))
        .find(({ type, url }) => url.startsWith(`data:${type}`) && url.length <= designLimits.picture);
      if (small) return small.url;
    }
  }
  throw tooDetailed();
}

/** Twice the height at which a share shows it, and its width at most. */
const logoHeights = [80, 56, 40];
const widestLogo = 4;

/**
 * Returns a whole picture as a small PNG, which keeps what is transparent.
 * @throws {Error} for a file that is not a picture
 */
export async function shrinkLogo(file: Blob): Promise<string> {
  const bitmap = await readPicture(file);
  for (const most of logoHeights) {
    const scale = Math.min(1, most / bitmap.height, (most * widestLogo) / bitmap.width);
    const { canvas, context } = createCanvas(
      Math.max(1, Math.round(bitmap.width * scale)),
      Math.max(1, Math.round(bitmap.height * scale)),
    );
    context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    const url = canvas.toDataURL('image/png');
    if (url.length <= brandLimits.logo) return url;
  }
  throw tooDetailed();
}

function readPicture(file: Blob): Promise<ImageBitmap> {
  return createImageBitmap(file).catch((cause: unknown) => {
    throw new Error('This file is not a picture that the browser can read.', { cause });
  });
}

function tooDetailed(): Error {
  return new Error('This picture has too much detail to be made small enough. Choose another.');
}

function createCanvas(width: number, height: number) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser cannot draw pictures.');
  return { canvas, context };
}

/** On white, because JPEG has no transparency. */
function drawMiddle(bitmap: ImageBitmap, size: number): HTMLCanvasElement {
  const { canvas, context } = createCanvas(size, size);
  const side = Math.min(bitmap.width, bitmap.height);
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, size, size);
  context.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, size, size);
  return canvas;
}
