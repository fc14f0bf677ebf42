import { expect, it } from 'vitest';
import type { ImportResult } from '#schemas/api/imports.ts';
import { type Progress, sendParts } from './import-chunks.ts';
import { splitCsv } from './split-csv.ts';

const parts = splitCsv('code,url\na,1\nb,2\nc,3\nd,4\ne,5\n', { rows: 2, bytes: 1_000 });

/** Writes every row but those that hold a 4. */
function answer(csv: string): ImportResult {
  const rows = csv.trim().split('\n').slice(1);
  const refused = rows.flatMap((row, at) => (row.includes('4') ? [{ line: at + 2, message: 'four' }] : []));
  const sample = rows.map((row, at) => ({ line: at + 2, code: row, url: '', page: '' }));
  return { written: rows.length - refused.length, refused, ignored: ['tags'], sample };
}

it('answers as if the file had gone in one', async () => {
  const told: Progress[] = [];
  const result = await sendParts(
    parts,
    async (csv) => answer(csv),
    (progress) => told.push(progress),
  );
  expect(result).toMatchObject({ written: 4, refused: [{ line: 5, message: 'four' }], ignored: ['tags'] });
  expect(result.sample.map(({ line, code }) => `${line} ${code}`)).toEqual(['2 a,1', '3 b,2']);
  expect(told).toEqual([0, 2, 4].map((done) => ({ done, rows: 5 })));
});

it('says from which line on nothing was answered, and keeps what was', async () => {
  let sent = 0;
  async function send(csv: string): Promise<ImportResult> {
    if (++sent === 3) throw new Error('the network is gone');
    return answer(csv);
  }
  const result = await sendParts(parts, send, () => undefined);
  expect(result.written).toBe(3);
  expect(result.refused.map(({ line }) => line)).toEqual([5, 6]);
  expect(result.refused[1]?.message).toContain('the network is gone');
});

it('fails where nothing was written', async () => {
  async function send(): Promise<ImportResult> {
    throw new Error('the network is gone');
  }
  await expect(sendParts(parts, send, () => undefined)).rejects.toThrow('the network is gone');
});
