import { isDeeper } from '#core/json-depth.ts';
import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import type { FileReading } from '../format.ts';
import { longestLine, readTextLines } from '../text-lines.ts';

/** Characters of a JSON file that is read as a whole. Thirty years of days have one million. */
export const longestJson = 50_000_000;

/** Reads a file that is one JSON text. */
export function readWholeJson(onValue: (value: unknown) => void): FileReading {
  const pieces: string[] = [];
  let length = 0;
  return {
    push: (text) => {
      length += text.length;
      if (length > longestJson) throw new UnreadableFile(`the file has more than ${longestJson} characters`);
      pieces.push(text);
    },
    end: () => onValue(parseJson(pieces.join('').replace(/^\uFEFF/, ''))),
  };
}

/** @throws {UnreadableFile} */
function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (!isDeeper(value)) return value;
  } catch (cause) {
    if (cause instanceof SyntaxError)
      throw new UnreadableFile(`the file is not valid JSON: ${cause.message}`, { cause });
    throw cause;
  }
  throw new UnreadableFile('the JSON is nested too deeply');
}

/** Reads a file with a JSON object a line. Empty lines are skipped. */
export function readJsonLines(onRecord: (record: Record<string, unknown>, line: number) => void): FileReading {
  return readTextLines((text, line) => {
    if (text.trim() === '') return;
    const value = text.length > longestLine ? undefined : parseLine(text);
    if (value === undefined)
      throw new UnreadableFile(`line ${line} is no JSON object of at most ${longestLine} characters`);
    onRecord(value, line);
  }, `has more than ${longestLine} characters`);
}

function parseLine(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    return isRecord(value) && !isDeeper(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
