/** A longer line is not kept in memory: it is refused. */
export const longestLine = 1_000_000;

export type SplitLine = { number: number; text: string } | { number: number; text: undefined };

/**
 * Splits text that comes in parts into lines, numbered from 1. Holds at most one line of `longestLine` characters; a longer
 * one has no text.
 */
export function createLineSplitter() {
  let rest = '';
  let isTooLong = false;
  let number = 0;

  function keep(part: string): void {
    isTooLong ||= rest.length + part.length > longestLine;
    rest = isTooLong ? '' : rest + part;
  }
  function take(): SplitLine {
    number += 1;
    const text = rest.endsWith('\r') ? rest.slice(0, -1) : rest;
    const line = isTooLong ? { number, text: undefined } : { number, text: number === 1 ? withoutMark(text) : text };
    rest = '';
    isTooLong = false;
    return line;
  }
  return {
    *push(part: string): Generator<SplitLine> {
      let start = 0;
      for (let end = part.indexOf('\n'); end >= 0; end = part.indexOf('\n', start)) {
        keep(part.slice(start, end));
        yield take();
        start = end + 1;
      }
      keep(part.slice(start));
    },
    /** Yields the last line, if the text does not end with a line break. */
    *end(): Generator<SplitLine> {
      if (rest !== '' || isTooLong) yield take();
    },
    /** Characters in memory. */
    held: () => rest.length,
  };
}

/** The byte order mark of UTF-8, read as latin1. */
function withoutMark(text: string): string {
  return text.startsWith('\u00ef\u00bb\u00bf') ? text.slice(3) : text;
}
