/** Returns the origin of an address as people type it: `https://ada.example` for `ada.example/notes`. */
export function readOrigin(text: string): string | undefined {
  const trimmed = text.trim();
  if (trimmed === '' || /\s/.test(trimmed)) return undefined;
  const url = URL.parse(/^[a-z]+:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`);
  const isSite = url !== null && /^https?:$/.test(url.protocol) && /\.|^localhost$/.test(url.hostname);
  return isSite && url.username === '' ? url.origin : undefined;
}
