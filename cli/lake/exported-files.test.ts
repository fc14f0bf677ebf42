import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { joinCsv, nameFiles } from './exported-files.ts';

it.each([1, 2, 3, 100])(
  'CSV files in chunks of %i become one with one header, and a quoted line end stays',
  async (size) => {
    const texts = ['a,b\r\n1,"x\ny"\r\n', 'a,b\r\n2,z\r\n'];
    async function* chunks(file: string) {
      for (let from = 0; from < file.length; from += size) yield Buffer.from(file.slice(from, from + size));
    }
    expect(await text(joinCsv(texts.map(chunks)))).toBe('a,b\r\n1,"x\ny"\r\n2,z\r\n');
  },
);

it('several Parquet files are numbered, one keeps its name', () => {
  expect(nameFiles('out/ada.parquet', 1)).toEqual(['out/ada.parquet']);
  expect(nameFiles('out/ada.parquet', 2)).toEqual(['out/ada-1.parquet', 'out/ada-2.parquet']);
});
