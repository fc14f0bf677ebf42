import { hourAt, hourName } from '#core/settle/hours.ts';
import { formatRule } from '#core/settle/rules.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { QueryFailed } from '#stores/lake/errors.ts';
import { hoursRuled } from '#stores/lake/lake-queries.ts';
import type { RuleRecord } from '#stores/settle/settle-state.ts';
import { createStep, type Visit } from './visit.ts';

/**
 * Marks the settled hours that new and removed rules change, so that they settle again. One query finds the hours of all
 * rules, once. If it fails, the other work goes on, and the next settle tries again.
 */
export async function markRuledHours(visit: Visit): Promise<void> {
  const { deps, rules } = visit;
  const changed = rules.filter(({ state, marked }) => state !== 'applied' && marked === undefined);
  if (changed.length === 0) return;
  try {
    const { hours, spans } = await findRuledHours(visit, changed);
    await deps.state.mark(hours);
    // After the marks: a crash in between only marks the hours again.
    for (const rule of changed) {
      const span = spans.get(rule.id);
      await (span ? deps.state.markRule(rule, span) : finishRule(visit, rule));
    }
  } catch (error) {
    if (!(error instanceof QueryFailed)) throw error;
    deps.report({ kind: 'rules-failed', alert: true, rules: changed.length, reason: error.message });
  }
}

/** Returns the hours that any of the rules changes, and the first and last hour of each rule that changes one. */
async function findRuledHours({ deps, closedThrough }: Visit, rules: readonly RuleRecord[]) {
  const [first] = await deps.files.folders(settledTables.events.prefix);
  const hours: string[] = [];
  const spans = new Map<string, { first: string; last: string }>();
  if (first === undefined) return { hours, spans };
  const { rows } = await deps.athena.rows(hoursRuled, {
    from_dt: first.slice('dt='.length),
    to_dt: hourAt(closedThrough).dt,
    rules: rules.map(formatRule),
  });
  for (const row of rows)
    if (row.rule_id === null) hours.push(row.first_hour);
    else spans.set(row.rule_id, { first: row.first_hour, last: row.last_hour });
  return { hours, spans };
}

/** Confirms new rules and deletes removed ones, each as soon as the hours marked for it have settled. */
export const finishRules = createStep({
  units: async ({ deps, rules }) => {
    const waiting = rules.filter(({ state, marked }) => state !== 'applied' && marked !== undefined);
    if (waiting.length === 0) return [];
    const forced = (await deps.state.work()).forced.map(hourName);
    return waiting.filter(
      ({ marked }) => !forced.some((hour) => marked && hour >= marked.first && hour <= marked.last),
    );
  },
  run: finishRule,
});

async function finishRule({ deps }: Pick<Visit, 'deps'>, { id, state }: RuleRecord): Promise<void> {
  await (state === 'removed' ? deps.state.deleteRule(id) : deps.state.confirmRule(id));
}
