import { expect, it } from 'vitest';
import { type Anomaly, anomalySchema } from '#schemas/api/detection.ts';
import { bandsAt, toBands } from './incident-bands.ts';

function anomaly(since: string, lastAlert: string, state: Anomaly['state']): Anomaly {
  return anomalySchema.parse({
    id: since,
    page: '/ada',
    metric: 'traffic',
    method: 'default',
    direction: 'drop',
    since,
    lastAlert,
    recovered: null,
    openedAt: 0,
    recoveredAt: null,
    unit: 'views',
    first: { expected: 10, actual: 1, score: 5 },
    end: null,
    cause: null,
    broken: [],
    checked: false,
    state,
    acknowledgedAt: null,
    feedback: null,
    words: { line: `since ${since}`, sentence: '', state: '', facts: [], broken: [], brokenLinks: null },
  });
}
const days = ['2026-11-10', '2026-11-11', '2026-11-12', '2026-11-13'].map((start) => ({ start }));
function spans(bands: ReturnType<typeof toBands>) {
  return bands.map(({ from, to }) => [from, to]);
}

it('covers the days of a closed incident, and every day since the start of an open one', () => {
  expect(spans(toBands([anomaly('2026-11-11', '2026-11-12', 'recovered')], days))).toEqual([
    ['2026-11-11', '2026-11-12'],
  ]);
  expect(spans(toBands([anomaly('2026-11-11', '2026-11-11', 'open')], days))).toEqual([['2026-11-11', '2026-11-13']]);
});

it('is clipped to the period, and left out if it is outside', () => {
  expect(spans(toBands([anomaly('2026-10-01', '2026-11-10', 'recovered')], days))).toEqual([
    ['2026-11-10', '2026-11-10'],
  ]);
  expect(toBands([anomaly('2026-10-01', '2026-10-02', 'recovered')], days)).toEqual([]);
  expect(toBands([anomaly('2026-11-12', '2026-11-12', 'open')], [])).toEqual([]);
});

it('covers the day of an hourly incident, and the hours of a daily one', () => {
  const hours = ['2026-11-11T23:00:00+01:00', '2026-11-12T00:00:00+01:00', '2026-11-12T01:00:00+01:00'].map(
    (start) => ({
      start,
    }),
  );
  expect(spans(toBands([anomaly('2026-11-12T07+01:00', '2026-11-12T09+01:00', 'closed')], days))).toEqual([
    ['2026-11-12', '2026-11-12'],
  ]);
  const bands = toBands([anomaly('2026-11-12', '2026-11-12', 'recovered')], hours);
  expect(spans(bands)).toEqual([['2026-11-12T00:00:00+01:00', '2026-11-12T01:00:00+01:00']]);
  expect(bandsAt(bands, hours[0]?.start ?? '')).toEqual([]);
  expect(bandsAt(bands, hours[1]?.start ?? '').map(({ words }) => words)).toEqual(['since 2026-11-12']);
});
