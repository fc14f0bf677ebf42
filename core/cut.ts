/**
 * Returns the first `limit` UTF-16 code units of a text, never splitting a surrogate pair. NULL and empty texts
 * become NULL.
 */
export function cut(text: string | null | undefined, limit: number): string | null {
  if (!text) return null;
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? limit - 1 : limit);
}
