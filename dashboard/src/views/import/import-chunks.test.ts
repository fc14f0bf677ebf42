import { expect, it } from 'vitest';
import type { ImportResult } from '#schemas/api/imports.ts';
import { importChunks, type Progress } from './import-chunks.ts';
import { splitCsv } from './split-csv.ts';

const chunks = splitCsv('code,url\na,1\nb,2\nc,3\nd,4\ne,5\n', { rows: 2, bytes: 1_000 });

/** Imports every row except those that contain a 4. */
function importRows(csv: string): ImportResult {
  const rows = csv.trim().split('\n').slice(1);
  const refused = rows.flatMap((row, at) => (row.includes('4') ? [{ line: at + 2, message: 'four' }] : []));
  const sample = rows.map((row, at) => ({ line: at + 2, code: row, url: '', page: '' }));
  return { written: rows.length - refused.length, refused, ignored: ['tags'], sample };
}

it('returns one result for all chunks, and reports the progress', async () => {
  const reported: Progress[] = [];
  const result = await importChunks(
    chunks,
    async (csv) => importRows(csv),
    (progress) => reported.push(progress),
  );
  expect(result).toMatchObject({ written: 4, refused: [{ line: 5, message: 'four' }], ignored: ['tags'] });
  expect(result.sample.map(({ line, code }) => `${line} ${code}`)).toEqual(['2 a,1', '3 b,2']);
  expect(reported).toEqual([0, 2, 4].map((done) => ({ done, rows: 5 })));
});

it('keeps the result of earlier chunks when one fails, and names the line', async () => {
  let sent = 0;
  async function send(csv: string): Promise<ImportResult> {
    if (++sent === 3) throw new Error('the network is gone');
    return importRows(csv);
  }
  const result = await importChunks(chunks, send, () => undefined);
  expect(result.written).toBe(3);
  expect(result.refused.map(({ line }) => line)).toEqual([5, 6]);
  expect(result.refused[1]?.message).toContain('the network is gone');
});

it('throws when the first chunk fails', async () => {
  async function send(): Promise<ImportResult> {
    throw new Error('the network is gone');
  }
  await expect(importChunks(chunks, send, () => undefined)).rejects.toThrow('the network is gone');
});
