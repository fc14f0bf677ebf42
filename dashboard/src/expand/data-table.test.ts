import { expect, it } from 'vitest';
import { parseCsv } from '#core/imports/delimited.ts';
import { type Data, formatValue, searchRows, toCsv } from './data-table.ts';

const data: Data = {
  columns: [
    { name: 'Link', kind: 'id' },
    { name: 'Clicks', kind: 'count' },
    { name: 'Share', kind: 'share' },
    { name: 'Change', kind: 'change' },
  ],
  rows: [
    { key: 'a', values: ['007', 1234, 1 / 3, 0.5] },
    { key: 'b', values: ['=HYPERLINK("//x")', 2, null, null] },
    { key: 'c', values: ['Wien, Österreich', 1, 0, -1 / 3] },
  ],
  note: 'Available after the day settles (≈ 01:25, Europe/Vienna).',
};

it('exports what is shown: numbers as numbers, ids as text, formulas as text, and what is missing', () => {
  const csv = toCsv(data, data.rows);
  expect(csv.startsWith('\uFEFFLink,Clicks,Share,Change\r\n')).toBe(true);
  expect(parseCsv(csv).map(({ cells }) => cells)).toEqual([
    ['Link', 'Clicks', 'Share', 'Change'],
    ["'007", '1234', '0.3333', '0.5'],
    [`'=HYPERLINK("//x")`, '2', '', ''],
    ['Wien, Österreich', '1', '0', '-0.3333'],
    ['Available after the day settles (≈ 01:25, Europe/Vienna).'],
  ]);
  expect(toCsv({ ...data, note: undefined }, [])).toBe('\uFEFFLink,Clicks,Share,Change\r\n');
});

it('finds rows by their text, in upper or lower case', () => {
  expect(searchRows(data, ' öster ').map(({ key }) => key)).toEqual(['c']);
  expect(searchRows(data, '1234')).toEqual([]);
  expect(searchRows(data, '')).toEqual(data.rows);
});

it('shows numbers as people read them', () => {
  const shown = data.rows.map(({ values }) => values.map((value, at) => formatValue(value, data.columns[at])));
  expect(shown[0]).toEqual(['007', '1,234', '33.3%', '+50%']);
  expect(shown[1]?.slice(2)).toEqual(['–', '']);
});
