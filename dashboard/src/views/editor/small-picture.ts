import { designLimits } from '#schemas/catalog-rules.ts';

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
  const bitmap = await createImageBitmap(file).catch((cause: unknown) => {
    throw new Error('This file is not a picture that the browser can read.', { cause });
  });
  for (const size of sizes) {
    const canvas = drawMiddle(bitmap, size);
    for (const quality of qualities) {
      const small = types
        .map((type) => ({ type, url: canvas.toDataURL(type, quality) }))
        .find(({ type, url }) => url.startsWith(`data:${type}`) && url.length <= designLimits.picture);
      if (small) return small.url;
    }
  }
  throw new Error('This picture has too much detail to be made small enough. Choose another.');
}

/** On white, because JPEG has no transparency. */
function drawMiddle(bitmap: ImageBitmap, size: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = size;
  canvas.height = size;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser cannot draw pictures.');
  const side = Math.min(bitmap.width, bitmap.height);
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, size, size);
  context.drawImage(bitmap, (bitmap.width - side) / 2, (bitmap.height - side) / 2, side, side, 0, 0, size, size);
  return canvas;
}
