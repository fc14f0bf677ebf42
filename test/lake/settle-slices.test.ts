import { afterAll, beforeAll, expect, it } from 'vitest';
import { settle } from '#jobs/settle/settle.ts';
import type { EventRow } from '#schemas/event.ts';
import { eventRow } from '#test/raw-file.ts';
import { startWorld, type World } from './settle-world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld(['UTC']);
});
afterAll(() => world.stop());

let ids = 1n;
function click(at: string, changes: Partial<EventRow>): EventRow {
  ids += 17n;
  return eventRow({
    event_id: ids,
    occurred_at: Date.parse(at),
    received_at: Date.parse(at),
    local_hour: `${at.slice(0, 13)}+00:00`,
    local_date: at.slice(0, 10),
    ...changes,
  });
}

it('settles an hour in slices as in one query', async () => {
  const rows = Array.from({ length: 400 }, (_, at) =>
    click(`2026-11-20T0${5 + (at % 2)}:${String(59 - (at % 7)).padStart(2, '0')}:5${at % 10}Z`, {
      page_path: at % 50 === 0 ? null : `/p${at % 40}`,
      link_id: `l${at % 80}`,
      visitor_id: BigInt(at % 11),
      repeat_key: at % 3 === 0 ? BigInt(2 * (at % 40) + 1) : null,
    }),
  );
  // Some arrive twice, and some are sent again.
  const sent = [
    ...rows,
    ...rows.slice(0, 30),
    ...rows.slice(50, 60).map((row) => ({ ...row, received_at: row.received_at + 5000 })),
  ];
  await world.write(sent);
  async function settled(rowsPerSlice: number) {
    await world.deps.state.mark(['2026-11-20T05', '2026-11-20T06']);
    const summary = await settle({ ...world.deps, rowsPerSlice }, { time: Date.parse('2026-11-20T08:11:00Z') });
    expect(summary).toMatchObject({ state: 'done', refused: [] });
    expect(new Set(summary.settled)).toEqual(new Set(['2026-11-20T05', '2026-11-20T06']));
    const { rows: events } = await world.deps.athena.statement(
      'SELECT event_id, received_at, outcome, outcome_rule, session_id, page_path FROM settled_events ORDER BY 1, 2, 3, 4',
    );
    return { events, pages: await world.reader.hours('page#/p3', '2026-11-20', '2026-11-20') };
  }
  const whole = await settled(1_000);
  expect(new Set(whole.events.map((event) => event[2]))).toEqual(new Set(['counted', 'duplicate']));
  expect(whole.events).toHaveLength(410);
  expect(await settled(60)).toEqual(whole);
  const folders = await world.deps.files.list('settled/events/dt=2026-11-20/');
  expect(new Set(folders.flatMap(({ key }) => /slice-\w+/.exec(key)?.[0] ?? []))).toContain('slice-CDEF');
});
