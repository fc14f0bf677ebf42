import { describe, expect, it } from 'vitest';
import type { RetentionCounts } from '#schemas/api/insights/retention.ts';
import { buildRetention, type RetentionOptions } from './table.ts';

/** u1 2, 3, 10 Nov · u2 2, 16 Nov · u3 9, 10, 17 Nov · u4 9 Nov · u5 16 Nov, by week. */
const counts: RetentionCounts = {
  settledThrough: 0,
  sizes: { '2026-11-02': 2, '2026-11-09': 2, '2026-11-16': 1 },
  back: { '2026-11-02': { '2026-11-09': 1, '2026-11-16': 1 }, '2026-11-09': { '2026-11-16': 1 } },
  last: { '2026-11-02': { '2026-11-09': 1, '2026-11-16': 1 }, '2026-11-09': { '2026-11-16': 1 } },
  counted: 9,
  withId: 9,
  conflicts: 0,
  since: '2026-11-02',
};
const off = { smallest: 1, fewest: 1 };
const options: RetentionOptions = {
  by: 'week',
  cohorts: ['2026-11-02', '2026-11-09', '2026-11-16'],
  periods: 3,
  today: '2026-11-26',
  settledDate: '2026-11-25',
  unbounded: false,
  mean: 'weighted',
  ...off,
};

function cell(k: number, back: number | null, size: number, state: string) {
  return { k, back, rate: back === null ? null : back / size, state };
}

describe('a table', () => {
  it('has the cells of each cohort, and means of the closed ones', () => {
    const { cohorts, mean } = buildRetention(counts, options);
    expect(cohorts).toEqual([
      {
        period: '2026-11-02',
        size: 2,
        leftCut: false,
        cells: [cell(1, 1, 2, 'closed'), cell(2, 1, 2, 'closed'), cell(3, 0, 2, 'running')],
      },
      {
        period: '2026-11-09',
        size: 2,
        leftCut: false,
        cells: [cell(1, 1, 2, 'closed'), cell(2, 0, 2, 'running'), cell(3, null, 2, 'future')],
      },
      {
        period: '2026-11-16',
        size: 1,
        leftCut: false,
        cells: [cell(1, 0, 1, 'running'), cell(2, null, 1, 'future'), cell(3, null, 1, 'future')],
      },
    ]);
    expect(mean).toEqual([
      { k: 1, rate: 0.5, cohorts: 2 },
      { k: 2, rate: 0.5, cohorts: 1 },
      { k: 3, rate: null, cohorts: 0 },
    ]);
  });

  it('counts returns in later closed periods, if unbounded', () => {
    const { cohorts } = buildRetention(counts, { ...options, unbounded: true });
    expect(cohorts[0]?.cells.map(({ back, rate }) => [back, rate])).toEqual([
      [2, 1],
      [1, 0.5],
      [0, 0],
    ]);
  });

  it('weighs cohorts by their people, or not', () => {
    const uneven = { ...counts, sizes: { '2026-11-02': 8, '2026-11-09': 2 } };
    expect(buildRetention(uneven, options).mean[0]?.rate).toBe(2 / 10);
    expect(buildRetention(uneven, { ...options, mean: 'simple' }).mean[0]?.rate).toBe((1 / 8 + 1 / 2) / 2);
  });

  it('runs until every date of a period has settled', () => {
    for (const [settledDate, state] of [
      ['2026-11-21', 'running'],
      ['2026-11-22', 'closed'],
      [undefined, 'running'],
    ] as const)
      expect(buildRetention(counts, { ...options, settledDate }).cohorts[0]?.cells[1]?.state).toBe(state);
    for (const [today, state] of [
      ['2026-11-22', 'future'],
      ['2026-11-23', 'running'],
    ] as const)
      expect(buildRetention(counts, { ...options, today }).cohorts[0]?.cells[2]?.state).toBe(state);
  });

  it('has cohorts that began before the page had ids in no mean', () => {
    const { cohorts, mean } = buildRetention({ ...counts, since: '2026-11-03' }, options);
    expect(cohorts.map(({ leftCut }) => leftCut)).toEqual([true, false, false]);
    expect(cohorts[0]?.cells.map(({ back, state }) => [back, state])).toEqual([
      [1, 'before'],
      [1, 'before'],
      [0, 'running'],
    ]);
    expect(mean.map(({ rate, cohorts: used }) => [rate, used])).toEqual([
      [0.5, 1],
      [null, 0],
      [null, 0],
    ]);
  });

  it('hides cohorts below the threshold, from means, too', () => {
    const sizes = { '2026-11-02': 5, '2026-11-09': 4, '2026-11-16': 0 };
    const { cohorts, mean } = buildRetention({ ...counts, sizes }, { ...options, smallest: 5 });
    expect(cohorts.map(({ size, cells }) => [size, cells.length])).toEqual([
      [5, 3],
      ['<5', 0],
      [0, 3],
    ]);
    expect(mean[0]).toEqual({ k: 1, rate: 1 / 5, cohorts: 1 });
  });

  it('hides 1 and 2 who came back, but not 0 and 3, and no mean reveals them', () => {
    const cohort = { '2026-11-09': 1, '2026-11-16': 3 };
    const few = { ...counts, sizes: { '2026-11-02': 10 }, back: { '2026-11-02': cohort } };
    const { cohorts, mean } = buildRetention(few, { ...options, fewest: 3 });
    expect(cohorts[0]?.cells.map(({ back, rate }) => [back, rate])).toEqual([
      ['<3', null],
      [3, 0.3],
      [0, 0],
    ]);
    const two = buildRetention(
      { ...few, back: { '2026-11-02': { ...cohort, '2026-11-09': 2 } } },
      { ...options, fewest: 3 },
    );
    expect(two.mean).toEqual(mean);
    expect(mean[0]?.rate).toBe(0.15);
  });

  it('is empty without people', () => {
    const withoutPeople = { ...counts, sizes: {}, back: {}, last: {} };
    const { cohorts, mean } = buildRetention(withoutPeople, options);
    expect(cohorts.every(({ size, cells }) => size === 0 && cells.every(({ back }) => back === null))).toBe(true);
    expect(mean.every(({ rate }) => rate === null)).toBe(true);
  });
});
