import { type LogLine, unusable } from './log-format.ts';

export type JsonLine = Readonly<Record<string, unknown>>;

/**
 * Parses a line of JSON, in which each character of a text becomes one byte of the request. Without `escape=json`, nginx writes
 * `\x22` for a quote; with it, bytes that are not UTF-8. Both are read.
 */
export function parseJsonLine(line: string, read: (value: JsonLine) => LogLine): LogLine {
  if (!line.startsWith('{')) return unusable('it is not a JSON object', line);
  const value = parseUtf8(line) ?? parse(line.replace(escapePattern, String.raw`\u00$1`));
  return value === undefined ? unusable('it is not valid JSON', line) : read(value);
}

const escapePattern = /\\x([0-9A-Fa-f]{2})/g;

function parseUtf8(line: string): JsonLine | undefined {
  // oxlint-disable-next-line no-control-regex -- most lines have ASCII alone, and need no second look
  if (/^[\u0000-\u007f]*$/.test(line) && !line.includes(String.raw`\u`)) return parse(line);
  const text = decodeUtf8(line);
  return text === undefined ? undefined : parse(text, toBytes);
}

function decodeUtf8(line: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(line, 'latin1'));
  } catch {
    return undefined;
  }
}

function parse(text: string, change?: (key: string, value: unknown) => unknown): JsonLine | undefined {
  try {
    const parsed: unknown = JSON.parse(text, change);
    return isJsonObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function toBytes(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? Buffer.from(value, 'utf8').toString('latin1') : value;
}

export function isJsonObject(value: unknown): value is JsonLine {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns a text or a number as text, undefined for anything else. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value : undefined;
}
