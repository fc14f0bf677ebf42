import { hourAt, hourName } from '#core/settle/hours.ts';
import { formatRule } from '#core/settle/rules.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { hoursRuled } from '#stores/lake/lake-queries.ts';
import { createStep, type Visit } from './visit.ts';

/** Marks the settled hours that new and removed rules change, so that they settle again. One query for all rules. */
export async function markRuledHours(visit: Pick<Visit, 'deps' | 'rules' | 'closedThrough'>): Promise<void> {
  const { deps, rules, closedThrough } = visit;
  const changed = rules.filter(({ state }) => state !== 'applied');
  if (changed.length === 0) return;
  const [first] = await deps.files.folders(settledTables.events.prefix);
  if (first !== undefined) {
    const { rows } = await deps.athena.rows(hoursRuled, {
      from_dt: first.slice('dt='.length),
      to_dt: hourAt(closedThrough).dt,
      rules: changed.map(formatRule),
    });
    await deps.state.addWork('forced', rows.map(hourName));
  }
  // After the marks: a crash in between only marks the hours again.
  for (const { id, state } of changed) if (state === 'pending') await deps.state.confirmRule(id);
}

/** Deletes removed rules when every marked hour has settled without them. */
export const dropRemovedRules = createStep({
  units: async ({ deps, rules }) => {
    const removed = rules.filter(({ state }) => state === 'removed');
    return removed.length === 0 || (await deps.state.work()).forced.length > 0 ? [] : removed;
  },
  run: ({ deps }, { id }) => deps.state.deleteRule(id),
});
