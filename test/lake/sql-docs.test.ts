import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localTimeOf } from '#core/enrich/local-time.ts';
import { settle } from '#jobs/settle/settle.ts';
import type { EventRow } from '#schemas/event.ts';
import { eventRow } from '#test/raw-file.ts';
import { startWorld, type World } from './settle-world.ts';

const text = readFileSync(new URL('../../docs/sql.md', import.meta.url), 'utf8');
const statements = [...text.matchAll(/^(\d+)\. (.+?)\n\n```sql\n([\s\S]*?)```/gm)].map(([, number, title, sql]) => ({
  name: `${number}. ${title}`,
  sql: sql ?? '',
}));

function visit(id: bigint, at: string, changes: Partial<EventRow> = {}): EventRow {
  const occurred = Date.parse(`2026-11-22T${at}Z`);
  const local = localTimeOf('UTC', occurred);
  const times = { occurred_at: occurred, received_at: occurred, local_hour: local.hour, local_date: local.date };
  return eventRow({ event_id: id, ...times, ...changes });
}

let world: World;
beforeAll(async () => {
  world = await startWorld();
  const click = visit(2n, '06:12:00', { utm_source: 'mail', utm_medium: 'email', utm_campaign: 'spring' });
  await world.write([
    visit(1n, '06:10:00', { event_type: 'page_view', link_id: null }),
    click,
    click,
    visit(3n, '07:10:00', { outcome: 'bot', outcome_rule: 'isbot', bot_name: 'Examplebot', asn: 64500 }),
    visit(4n, '09:10:00', { event_type: 'page_view', link_id: null, referrer_class: 'search' }),
  ]);
  await settle(world.deps, { time: Date.parse('2026-11-23T00:11:00Z') });
});
afterAll(() => world.stop());

describe('docs/sql.md', () => {
  it('has ten questions', () => {
    expect(statements).toHaveLength(10);
  });

  it.each(statements)('$name', async ({ sql }) => {
    const { rows } = await world.deps.athena.statement(sql);
    expect(rows.length).toBeGreaterThan(0);
  });

  it('shows the results that it documents', async () => {
    async function answer(number: number) {
      return (await world.deps.athena.statement(statements[number - 1]?.sql ?? '')).rows;
    }
    expect(await answer(1)).toEqual([
      ['counted', '3'],
      ['bot', '1'],
    ]);
    expect(await answer(7)).toEqual([['2', '60.0', '0.5']]);
    expect(await answer(9)).toEqual([['mail', 'email', 'spring', '1', '1']]);
    expect(await answer(10)).toEqual([
      ['06', '3', '2'],
      ['07', '1', '1'],
      ['09', '1', '1'],
    ]);
  });
});
