/**
 * Returns access to one stored text. In a frame, browsers may forbid a page its storage: reading the property throws, and
 * the text is then kept until the page is left.
 */
export function stored(storage: () => Storage, key: string) {
  let kept: string | null = null;
  return {
    read(): string | null {
      try {
        return storage().getItem(key);
      } catch {
        return kept;
      }
    },
    write(text: string): void {
      kept = text;
      try {
        storage().setItem(key, text);
      } catch {
        // Kept above.
      }
    },
  };
}
