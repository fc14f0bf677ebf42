import { expect, it } from 'vitest';
import { hourlySeries } from '../../core/detect/hourly-series.ts';
import { normalSetting } from '../../core/detect/sensitivity.ts';
import { walkHours } from './walk-hours.ts';

it('reports a surge of several hours once', () => {
  const start = Date.UTC(2026, 2, 2);
  const counts = Array.from({ length: 504 }, (_, index) => ({
    hour: new Date(start + index * 3_600_000).toISOString().slice(0, 19),
    views: [9000, 8000, 7000][index - 490] ?? Math.round(200 * (1 - 0.8 * Math.cos((2 * Math.PI * (index % 24)) / 24))),
  }));
  const alerts = walkHours(hourlySeries(counts), normalSetting).filter(({ evaluation }) => evaluation.kind === 'alert');
  expect(alerts.map(({ hour }) => hour)).toEqual([counts[490]?.hour]);
});
