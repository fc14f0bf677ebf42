/**
 * Returns the type of an image by its first bytes, so that nothing else is shown as one; null for other files.
 * @example imageType(await readFile('photo.jpg')) // 'image/jpeg'
 */
export function imageType(bytes: Uint8Array): string | null {
  const start = String.fromCharCode(...bytes.subarray(0, 12));
  return signatures.find(([pattern]) => pattern.test(start))?.[1] ?? null;
}

// oxlint-disable no-control-regex -- signatures are bytes
const signatures: readonly (readonly [RegExp, string])[] = [
  [/^\x89PNG\r\n\x1a\n/, 'image/png'],
  [/^\xff\xd8\xff/, 'image/jpeg'],
  [/^GIF8[79]a/, 'image/gif'],
  [/^RIFF[^]{4}WEBP/, 'image/webp'],
  [/^\x00\x00\x01\x00/, 'image/x-icon'],
  [/^[^]{4}ftypavi[fs]/, 'image/avif'],
];
