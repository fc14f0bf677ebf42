import { expect, it } from 'vitest';
import { describeUnsettled } from './unsettled.ts';

const now = Date.parse('2026-11-22T14:30:00Z');
const unsettled = { from: '2026-11-22', settlesAt: '2026-11-23T00:25:00Z' };

it('says of an empty list whether settled days have nothing, or none has settled', () => {
  function empty(first?: string) {
    return describeUnsettled(unsettled, 'UTC', now, first)?.empty;
  }
  expect(empty('2026-11-21')).toMatch(
    /^None before 22 Nov( 2026)?\. Later ones are available after the day settles \(≈ /,
  );
  for (const first of ['2026-11-22', undefined])
    expect(empty(first)).toMatch(/^Available after the day settles \(≈ .*00:25, UTC\)\.$/);
  expect(describeUnsettled(undefined, 'UTC', now, '2026-11-21')).toBeUndefined();
});
