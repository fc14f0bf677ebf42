import { expect, it } from 'vitest';
import { nameHoliday } from './holidays.ts';

it.each([
  ['2025-01-01', "New Year's Day"],
  ['2026-05-01', 'Labor Day in many countries'],
  ['2026-12-24', 'Christmas Eve'],
  ['2026-12-25', 'Christmas Day'],
  ['2024-03-29', 'Good Friday'],
  ['2024-03-31', 'Easter Sunday'],
  ['2025-04-20', 'Easter Sunday'],
  ['2026-04-05', 'Easter Sunday'],
  ['2027-03-28', 'Easter Sunday'],
  ['2038-04-25', 'Easter Sunday'],
  ['2026-04-06', 'Easter Monday'],
  ['2025-01-29', 'Chinese New Year'],
  ['2026-02-17', 'Chinese New Year'],
  ['2026-03-20', 'Eid al-Fitr'],
  ['2026-05-27', 'Eid al-Adha'],
  ['2026-11-22', undefined],
  ['2026-04-07', undefined],
])('names %s', (date, name) => expect(nameHoliday(date)).toBe(name));
