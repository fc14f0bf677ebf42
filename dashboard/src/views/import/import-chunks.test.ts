import { expect, it } from 'vitest';
import type { ImportRow } from '#core/imports/read-links.ts';
import type { ImportResult } from '#schemas/api/imports.ts';
import { importChunks, type Progress } from './import-chunks.ts';

const links: ImportRow[] = ['a', 'b', 'c', 'd', 'e'].map((code, index) => ({ line: index + 2, link: { code } }));
const limits = { rows: 2, bytes: 1_000 };

/** Imports every link except `d`. */
function importAll(sent: { line: number; [field: string]: unknown }[]): ImportResult {
  const refused = sent.filter(({ code }) => code === 'd').map(({ line }) => ({ line, field: 'code', message: 'd' }));
  const sample = sent.map(({ line, code }) => ({ line, code: String(code), shortUrl: '', url: '', page: '' }));
  return { rows: sent.length, written: sent.length - refused.length, repeated: 0, refused, ignored: [], sample };
}

it('returns one result for all requests, and reports the progress', async () => {
  const reported: Progress[] = [];
  const sizes: number[] = [];
  const result = await importChunks(links, limits, {
    send: async (sent) => {
      sizes.push(sent.length);
      return importAll(sent);
    },
    onProgress: (progress) => reported.push(progress),
  });
  expect(sizes).toEqual([2, 2, 1]);
  expect(result).toMatchObject({ rows: 5, written: 4, refused: [{ line: 5 }] });
  expect(result.sample.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6]);
  expect(reported).toEqual([0, 2, 4].map((done) => ({ done, rows: 5 })));
});

it('limits the bytes of a request, in UTF-8, and sends a row that is too large alone', async () => {
  const sizes: number[] = [];
  const rows = ['ä', 'ö', 'x'.repeat(100), 'ü'].map((code, line) => ({ line, link: { code } }));
  await importChunks(
    rows,
    { rows: 100, bytes: 2 * 24 },
    {
      send: async (sent) => {
        sizes.push(sent.length);
        return importAll(sent);
      },
      onProgress: () => undefined,
    },
  );
  expect(sizes).toEqual([2, 1, 1]);
});

it('keeps the result of earlier requests when one fails, and names the line', async () => {
  let requests = 0;
  async function send(sent: { line: number; [field: string]: unknown }[]): Promise<ImportResult> {
    if (++requests === 3) throw new Error('the network is gone');
    return importAll(sent);
  }
  const result = await importChunks(links, limits, { send, onProgress: () => undefined });
  expect(result.written).toBe(3);
  expect(result.refused.map(({ line }) => line)).toEqual([5, 6]);
  expect(result.refused[1]?.message).toContain('the network is gone');
});

it('throws when the first request fails', async () => {
  async function send(): Promise<ImportResult> {
    throw new Error('the network is gone');
  }
  await expect(importChunks(links, limits, { send, onProgress: () => undefined })).rejects.toThrow(
    'the network is gone',
  );
});

it('sends codes that differ by capitals alone together, however far they are apart', async () => {
  const sent: unknown[][] = [];
  const rows = [
    { code: 'Sale' },
    { code: 'b' },
    { code: 'c', aliases: ['x'] },
    { code: 'SALE' },
    { code: 'd', aliases: ['C'] },
  ].map((link, index) => ({ line: index + 2, link }));
  await importChunks(rows, limits, {
    send: async (links) => {
      sent.push(links.map(({ code }) => code));
      return importAll(links);
    },
    onProgress: () => undefined,
  });
  expect(sent).toEqual([['Sale', 'SALE'], ['b'], ['c', 'd']]);
});

it('splits rows of one code that do not fit into a request', async () => {
  const sizes: number[] = [];
  const rows = Array.from({ length: 5 }, (_, line) => ({ line, link: { code: 'x' } }));
  await importChunks(rows, limits, {
    send: async (links) => {
      sizes.push(links.length);
      return importAll(links);
    },
    onProgress: () => undefined,
  });
  expect(sizes).toEqual([2, 2, 1]);
});
