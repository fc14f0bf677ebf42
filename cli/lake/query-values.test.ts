import { expect, it } from 'vitest';
import { agencyTotals, hourOutcomes, settleWritten } from '#stores/lake/lake-queries.ts';
import { namedText, readValues } from './query-values.ts';

function given(...texts: string[]) {
  return texts.map((text) => namedText.parse(text)).filter((parsed) => parsed !== undefined);
}

it('values are typed, and the UTC dates around local ones follow', () => {
  expect(readValues(agencyTotals.kinds, given('from=2026-11-01', 'to=2026-11-30', 'pages=/ada,/bob'))).toEqual({
    first_dt: '2026-10-31',
    last_dt: '2026-12-01',
    from: '2026-11-01',
    to: '2026-11-30',
    pages: ['/ada', '/bob'],
  });
  const written = ['dt=2026-11-22', 'hr=07', 'run=a=b', 'hour_end=2026-11-22T08:00:00Z', 'window_longest=10'];
  expect(readValues(settleWritten.kinds, given(...written))).toMatchObject({
    run: 'a=b',
    hour_end: Date.UTC(2026, 10, 22, 8),
    window_longest: 10,
  });
});

it.each([
  [['dt=2026-02-30', 'hr=07'], '`--param dt` must be a date such as 2026-11-22; got `2026-02-30`'],
  [['dt=2026-11-22'], '`--param hr` is required: a text'],
  [['dt=2026-11-22', 'hrs=07'], 'unknown parameter `hrs`; did you mean `hr`?'],
  [['constructor=1'], 'unknown parameter `constructor`; the parameters are dt, hr'],
])('%j is refused', (texts, message) => {
  expect(() => readValues(hourOutcomes.kinds, given(...texts))).toThrow(message);
});
