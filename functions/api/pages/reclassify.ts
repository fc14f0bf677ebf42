import { addDays } from '#core/ledger/time-range.ts';
import { computeRuleEffect, type ClassifiedEvents } from '#core/stats/rule-effect.ts';
import { ulidOf } from '#core/ulid.ts';
import type { RuleEffect } from '#schemas/api/ledger.ts';
import type { Page } from '#schemas/catalog.ts';
import type { LakeStats } from '#stores/lake/lake-stats.ts';
import type { RuleRecord, SettleState } from '#stores/settle/settle-state.ts';
import { notFound } from '../problem.ts';

export interface Reclassifier {
  rules: Pick<SettleState, 'rules' | 'putRule'>;
  lake: Pick<LakeStats, 'ruleEffect'>;
  now: () => number;
  random: (bytes: number) => Uint8Array;
}

interface NewRule {
  field: RuleRecord['field'];
  value: string;
  outcome: 'counted' | 'bot';
  preview: boolean;
}

/**
 * What a rule does to the last 90 days of a page; without `preview` it is stored, and the next settle applies it, within
 * the hour.
 * @throws {StoreUnavailable} while the lake does not answer: nothing is stored without its effect being known
 */
export async function reclassify(deps: Reclassifier, page: Page, body: NewRule): Promise<RuleEffect> {
  const effect = await readEffect(deps, page, body);
  if (body.preview) return { rule: null, ...effect };
  const { field, value, outcome } = body;
  const id = ulidOf(deps.now(), deps.random(16));
  const record: RuleRecord = { id, page: page.path, field, value, outcome, state: 'pending' };
  await deps.rules.putRule(record);
  return { rule: shown(record)[0] ?? null, ...effect };
}

/** Days whose events a preview looks at. Settle applies the rule to all that still have their events. */
const previewedDays = 90;

async function readEffect(
  { lake, now }: Reclassifier,
  { path }: Page,
  rule: NewRule,
): Promise<Omit<RuleEffect, 'rule'>> {
  const to = new Date(now()).toISOString().slice(0, 10);
  const { field, value, outcome } = rule;
  const rows = await lake.ruleEffect({
    page: path,
    field,
    value,
    becomes: outcome,
    from: addDays(to, -previewedDays),
    to,
  });
  const evaluated = rows.flatMap((row): ClassifiedEvents[] =>
    row.outcome === null || row.event_type === null
      ? []
      : [{ outcome: row.outcome, type: row.event_type, fits: row.fits === 1, events: row.events }],
  );
  const hours = rows.find((row) => row.outcome === null)?.hours ?? 0;
  return { ...computeRuleEffect(evaluated, outcome), hours };
}

type Rule = NonNullable<RuleEffect['rule']>;

function shown({ id, page, field, value, outcome }: RuleRecord): Rule[] {
  return page !== null && (outcome === 'counted' || outcome === 'bot')
    ? [{ id, page, field, value, outcome, createdAt: new Date(madeAt(id)).toISOString() }]
    : [];
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** When a ULID was made: its first 10 characters are milliseconds since the epoch. */
function madeAt(ulid: string): number {
  return Array.from(ulid.slice(0, 10)).reduce((time, letter) => time * 32 + crockford.indexOf(letter), 0);
}

/** Rules of a page, newest first. */
export async function listRules(deps: Pick<Reclassifier, 'rules'>, page: Page): Promise<Rule[]> {
  return (await rulesOf(deps, page)).flatMap(shown).sort((a, b) => (a.id < b.id ? 1 : -1));
}

async function rulesOf({ rules }: Pick<Reclassifier, 'rules'>, page: Page): Promise<RuleRecord[]> {
  return (await rules.rules()).filter((rule) => rule.page === page.path && rule.state !== 'removed');
}

/** Takes a rule back: the next settle restores what it replaced. @throws {Problem} 404 */
export async function removeRule(deps: Pick<Reclassifier, 'rules'>, page: Page, id: string): Promise<void> {
  const rule = (await rulesOf(deps, page)).find((each) => each.id === id);
  if (rule === undefined) throw notFound();
  await deps.rules.putRule({ ...rule, state: 'removed' });
}
