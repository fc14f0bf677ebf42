import { describe, expect, it } from 'vitest';
import { fc } from '#test/property.ts';
import { eventTypes, outcomes } from '#schemas/event.ts';
import { countEvents, type HourDelta } from './count-events.ts';
import { eventRow, olderRawFileOf, rawFileOf } from '#test/raw-file.ts';
import { FileUnreadable, readEventColumns } from './event-columns.ts';

async function deltasOf(rows: Parameters<typeof rawFileOf>[0]): Promise<HourDelta[]> {
  return countEvents(await readEventColumns(rawFileOf(rows)));
}

function countersOf(
  deltas: HourDelta[],
  entity: string,
  hour = '2026-11-22T07+01:00',
): Record<string, number> | undefined {
  return deltas.find((delta) => delta.entity === entity && delta.hour === hour)?.add;
}

describe('countEvents', () => {
  it('counts a click on its page, its link and the stack', async () => {
    const deltas = await deltasOf([eventRow({ campaign_id: 'spring' })]);
    const dimensions = { 'c.US': 1, 'd.mobile': 1, 'b.Safari': 1, 'o.iOS': 1, 'r.social': 1 };
    expect(deltas).toEqual([
      { entity: 'link#k3x9', hour: '2026-11-22T07+01:00', add: { clicks: 1, ...dimensions } },
      { entity: 'page#/ada', hour: '2026-11-22T07+01:00', add: { clicks: 1, ...dimensions, 'm.05': 1, ka6: 1 } },
      { entity: 'stack#', hour: '2026-11-22T06+00:00', add: { clicks: 1 } },
    ]);
  });

  it('counts a view under its own names', async () => {
    const deltas = await deltasOf([eventRow({ event_type: 'page_view', link_id: null, country: null })]);
    expect(countersOf(deltas, 'page#/ada')).toEqual({
      views: 1,
      'vd.mobile': 1,
      'vb.Safari': 1,
      'vo.iOS': 1,
      'vr.social': 1,
      'vm.05': 1,
    });
  });

  it('counts a custom event by type alone', async () => {
    expect(countersOf(await deltasOf([eventRow({ event_type: 'custom' })]), 'page#/ada')).toEqual({ customs: 1 });
  });

  it('counts other outcomes by outcome alone', async () => {
    const deltas = await deltasOf([eventRow({ outcome: 'bot' }), eventRow({ outcome: 'bot' }), eventRow()]);
    expect(countersOf(deltas, 'page#/ada')).toMatchObject({ 'x.bot': 2, clicks: 1, 'm.05': 1 });
    expect(countersOf(deltas, 'stack#', '2026-11-22T06+00:00')).toEqual({ 'x.bot': 2, clicks: 1 });
  });

  it('counts a failed event without page or hour on the stack only', async () => {
    const failed = eventRow({ outcome: 'failed', page_path: null, link_id: null, local_hour: null });
    expect(await deltasOf([failed])).toEqual([
      { entity: 'stack#', hour: '2026-11-22T06+00:00', add: { 'x.failed': 1 } },
    ]);
  });

  it('falls back to the UTC hour if a page has no local hour', async () => {
    const deltas = await deltasOf([eventRow({ local_hour: null }), eventRow()]);
    expect(countersOf(deltas, 'page#/ada', '2026-11-22T06+00:00')).toMatchObject({ clicks: 1, 'm.05': 1 });
    expect(countersOf(deltas, 'page#/ada')).toMatchObject({ clicks: 1, 'm.05': 1 });
  });

  it.each([
    ['2026-11-22T11+05:30', '35'],
    ['2026-11-22T11+05:45', '50'],
    ['2026-11-22T02-03:30', '35'],
  ])('takes the minute of the local hour %s', async (local_hour, minute) => {
    const add = countersOf(await deltasOf([eventRow({ local_hour })]), 'page#/ada', `${local_hour}`);
    expect(add).toMatchObject({ [`m.${minute}`]: 1 });
  });

  it('adds up sales and refunds that are 0 in between', async () => {
    const sale = { event_type: 'custom', link_id: null, conversion: 'sale', value_minor: 5n, currency: 'EUR' } as const;
    const refund = { ...sale, conversion: 'refund', value_minor: -5n } as const;
    const deltas = await deltasOf([eventRow(sale), eventRow(refund), eventRow({ ...sale, value_minor: 7n })]);
    expect(countersOf(deltas, 'page#/ada')).toMatchObject({ 'g.sale': 2, 'g.refund': 1, 'g.EUR': 7 });
  });

  it('counts conversions of a page by kind, and their amounts by currency', async () => {
    const sale = {
      event_type: 'custom',
      link_id: null,
      conversion: 'sale',
      value_minor: 1999n,
      currency: 'EUR',
    } as const;
    const deltas = await deltasOf([
      eventRow(sale),
      eventRow({ ...sale, value_minor: 1n }),
      eventRow({ ...sale, value_minor: 500n, currency: 'JPY' }),
      eventRow({ ...sale, value_minor: 0n }),
      eventRow({ ...sale, value_minor: null, currency: null }),
      eventRow({ ...sale, conversion: 'refund', value_minor: -999n }),
      eventRow({ ...sale, conversion: 'lead', value_minor: null, currency: null }),
      eventRow({ ...sale, outcome: 'duplicate' }),
    ]);
    expect(countersOf(deltas, 'page#/ada')).toEqual({
      customs: 7,
      'x.duplicate': 1,
      'g.sale': 5,
      'g.refund': 1,
      'g.lead': 1,
      'g.EUR': 1001,
      'g.JPY': 500,
    });
    expect(deltas.find(({ entity }) => entity === 'stack#')?.add).toEqual({ customs: 7, 'x.duplicate': 1 });
  });

  it('reads a file of an older contract without some columns', async () => {
    const bytes = olderRawFileOf([eventRow()], ['event_id', 'event_type', 'occurred_at', 'outcome', 'page_path']);
    expect(countEvents(await readEventColumns(bytes))).toEqual([
      { entity: 'page#/ada', hour: '2026-11-22T06+00:00', add: { clicks: 1, 'm.05': 1 } },
      { entity: 'stack#', hour: '2026-11-22T06+00:00', add: { clicks: 1 } },
    ]);
  });

  it('counts every row once on the stack and once on its page, in any mix', async () => {
    const row = fc.record({
      event_type: fc.constantFrom(...eventTypes),
      outcome: fc.constantFrom(...outcomes),
      page_path: fc.constantFrom('/a', '/b', null),
      link_id: fc.constantFrom('x', 'y', null),
      local_hour: fc.constantFrom('2026-10-25T02+02:00', '2026-10-25T02+01:00', null),
      country: fc.constantFrom('US', 'DE', null),
      occurred_at: fc.integer({ min: Date.parse('2026-10-25T00:00:00Z'), max: Date.parse('2026-10-25T01:59:59Z') }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 60 }), async (changes) => {
        const deltas = await deltasOf(changes.map((change) => eventRow(change)));
        expect(rowsOf(deltas, 'stack#')).toBe(changes.length);
        expect(rowsOf(deltas, 'page#')).toBe(changes.filter((change) => change.page_path !== null).length);
        expect(rowsOf(deltas, 'link#')).toBe(changes.filter((change) => change.link_id !== null).length);
      }),
      { numRuns: 60 },
    );
  });
});

function rowsOf(deltas: HourDelta[], prefix: string): number {
  return deltas
    .filter((delta) => delta.entity.startsWith(prefix))
    .flatMap((delta) => Object.entries(delta.add))
    .filter(([name]) => ['views', 'clicks', 'customs'].includes(name) || name.startsWith('x.'))
    .reduce((sum, [, count]) => sum + count, 0);
}

describe('readEventColumns', () => {
  it('reports a file that is not Parquet', async () => {
    await expect(readEventColumns(new TextEncoder().encode('not parquet at all'))).rejects.toThrow(FileUnreadable);
  });

  it('reports a truncated file', async () => {
    const bytes = rawFileOf([eventRow(), eventRow()]);
    await expect(readEventColumns(bytes.subarray(0, bytes.length - 40))).rejects.toThrow(FileUnreadable);
  });

  it('reports the column and the value that the contract does not allow', async () => {
    const bytes = rawFileOf([eventRow({ local_hour: '2026-11-22 07' })]);
    await expect(readEventColumns(bytes)).rejects.toThrow('column local_hour holds "2026-11-22 07"');
  });
});
