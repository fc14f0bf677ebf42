import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import type { FileReading } from './format.ts';

/** Characters of one element. A visit of Matomo with a thousand actions has about a million. */
export const mostElementCharacters = 8_000_000;

/**
 * Reads a JSON array, or one JSON object after another, from text that arrives in pieces, and keeps no more than one element.
 * @param onElement gets each element and its number; the first is 1
 * @throws {UnreadableFile} naming the element that is not JSON
 */
export function readJsonElements(onElement: (element: unknown, number: number) => void): FileReading {
  let text = '';
  let depth = 0;
  let isArray = false;
  let isInText = false;
  let isEscaped = false;
  let isOver = false;
  let number = 0;

  function finish(): void {
    const json = text.trim();
    text = '';
    if (json === '') return;
    number += 1;
    let element: unknown;
    try {
      element = JSON.parse(json);
    } catch (cause) {
      throw new UnreadableFile(`record ${number} is not JSON: \`${json.slice(0, 80)}\``, { cause });
    }
    onElement(element, number);
  }

  function take(piece: string): void {
    let start = 0;
    for (let at = 0; at < piece.length; at++) {
      const character = piece[at] ?? '';
      if (isInText) {
        if (isEscaped) isEscaped = false;
        else if (character === '\\') isEscaped = true;
        else if (character === '"') isInText = false;
        continue;
      }
      switch (character) {
        case '"':
          isInText = true;
          break;
        case '[':
        case '{':
          if (depth === 0 && character === '[' && number === 0 && text.trim() === '' && !isArray) {
            isArray = true;
            start = at + 1;
          } else depth += 1;
          break;
        case ']':
        case '}':
          if (depth === 0) {
            text += piece.slice(start, at);
            finish();
            start = at + 1;
            isOver = true;
            break;
          }
          depth -= 1;
          if (depth === 0) {
            text += piece.slice(start, at + 1);
            finish();
            start = at + 1;
          }
          break;
        case ',':
          if (depth === 0) start = skipSeparator(piece, start, at);
          break;
        default:
      }
    }
    text += piece.slice(start);
    if (text.length > mostElementCharacters)
      throw new UnreadableFile(`record ${number + 1} has more than ${mostElementCharacters} characters`);
  }

  /** Between two elements; a number or a text is an element, too. */
  function skipSeparator(piece: string, start: number, at: number): number {
    text += piece.slice(start, at);
    finish();
    return at + 1;
  }

  return {
    push: (piece) => take(number === 0 && text === '' && !isArray ? piece.replace(/^\uFEFF/, '') : piece),
    end: () => {
      if (isInText || depth > 0 || (isArray && !isOver))
        throw new UnreadableFile(`the file ends within record ${number + 1}. Was it cut off?`);
      finish();
    },
  };
}
