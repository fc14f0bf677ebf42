/**
 * Returns the text of a page. Its charset is that of the byte order mark, of the header, or of a `<meta>` at its start
 * (https://html.spec.whatwg.org/multipage/parsing.html#determining-the-character-encoding). Without one, it is UTF-8 if the
 * bytes are, else windows-1252. A character that the end cuts is omitted.
 * @param contentType header: `text/html; charset=utf-8`
 */
export function decodeHtml(bytes: Uint8Array, contentType: string): string {
  const label = markOf(bytes) ?? charset.exec(contentType)?.[1] ?? declaredIn(bytes);
  const decoder = label === undefined ? undefined : createDecoder(label);
  if (decoder !== undefined) return decoder.decode(bytes, { stream: true });
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    // Without `stream`, Node 20 decodes 0x80 to 0x9f as control characters.
    return new TextDecoder('windows-1252').decode(bytes, { stream: true });
  }
}

const charset = /charset\s{0,9}=\s{0,9}["']?([\w.:-]{1,40})/i;

function markOf([first, second, third]: Uint8Array): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return first === 0xff && second === 0xfe ? 'utf-16le' : undefined;
}

/** Bytes in which the standard looks for a declaration. */
const declarationBytes = 1_024;

/** A page in UTF-16 cannot declare itself in ASCII, so such a declaration means UTF-8. */
function declaredIn(bytes: Uint8Array): string | undefined {
  const start = new TextDecoder('windows-1252').decode(bytes.subarray(0, declarationBytes));
  for (const [tag] of start.matchAll(/<meta\b[^>]{0,200}>/gi)) {
    const declared = charset.exec(tag)?.[1];
    if (declared !== undefined) return /^utf-?16/i.test(declared) ? 'utf-8' : declared;
  }
  return undefined;
}

/** Returns undefined for an unknown charset. */
function createDecoder(label: string): TextDecoder | undefined {
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
}
