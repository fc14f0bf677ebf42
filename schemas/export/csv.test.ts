import { expect, it } from 'vitest';
import { csvLine, idCell } from './csv.ts';

it.each(['007', '1e5', '12E10', '3/4', '1-2', '2026-11-22', '12:30', '1,5', '+49 1', '123456789012345678'])(
  'keeps the id %s, which a spreadsheet would read as a number or a date',
  (id) => expect(csvLine([idCell(id)])).toMatch(/^"?'/),
);

it.each(['AT', 'k3x9', '', 'a1e5', 'spring sale', '日本', '7 days'])('leaves the text %s as it is', (text) => {
  expect(csvLine([idCell(text)])).toBe(`${text}\r\n`);
});

it('marks a formula once', () => {
  expect(csvLine([idCell('=1+1'), idCell('-5'), idCell('@x')])).toBe("'=1+1,'-5,'@x\r\n");
});
