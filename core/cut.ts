/**
 * The first `limit` UTF-16 code units of a text, never half a surrogate pair. NULL stays NULL and an empty text
 * becomes NULL: a column holds a value or nothing.
 */
export function cut(text: string | null | undefined, limit: number): string | null {
  if (!text) return null;
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  const splitsPair = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, splitsPair ? limit - 1 : limit);
}
