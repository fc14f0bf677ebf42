import type { AttributeValue } from '@aws-sdk/client-dynamodb';

type Key = Record<string, AttributeValue>;

/** Returns an opaque text that continues a listing after this key. */
export function encodeCursor(key: Key): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** Returns the key of a cursor. It comes back through callers: undefined, the beginning, for one of another listing. */
export function decodeCursor(cursor: string, gpk: string): Key | undefined {
  try {
    const key: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const [pk, sk, listing, gsk] = ['pk', 'sk', 'gpk', 'gsk'].map((name) => textOf(key, name));
    if (pk === undefined || sk === undefined || gsk === undefined || listing !== gpk) return undefined;
    return { pk: { S: pk }, sk: { S: sk }, gpk: { S: gpk }, gsk: { S: gsk } };
  } catch {
    return undefined;
  }
}

function textOf(key: unknown, name: string): string | undefined {
  const value: unknown = typeof key === 'object' && key !== null ? Reflect.get(key, name) : undefined;
  const text: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'S') : undefined;
  return typeof text === 'string' ? text : undefined;
}
