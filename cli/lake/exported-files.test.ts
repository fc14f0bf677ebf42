import { expect, it } from 'vitest';
import { joinCsv, nameFiles } from './exported-files.ts';

it('CSV files become one with one header, and a quoted line end stays', () => {
  const files = ['a,b\r\n1,"x\ny"\r\n', 'a,b\r\n2,z\r\n'].map((text) => Buffer.from(text));
  expect(joinCsv(files).toString()).toBe('a,b\r\n1,"x\ny"\r\n2,z\r\n');
});

it('several Parquet files are numbered, one keeps its name', () => {
  expect(nameFiles('out/ada.parquet', 1)).toEqual(['out/ada.parquet']);
  expect(nameFiles('out/ada.parquet', 2)).toEqual(['out/ada-1.parquet', 'out/ada-2.parquet']);
});
