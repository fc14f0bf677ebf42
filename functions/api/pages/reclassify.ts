import { addDays } from '#core/ledger/time-range.ts';
import { type ClassifiedEvents, computeRuleEffect } from '#core/stats/rule-effect.ts';
import { ulidOf } from '#core/ulid.ts';
import type { Rule, RuleEffect } from '#schemas/api/ledger.ts';
import type { Page } from '#schemas/catalog.ts';
import type { LakeStats } from '#stores/lake/lake-stats.ts';
import type { RuleRecord, SettleState } from '#stores/settle/settle-state.ts';
import { checkLimit, ownerLimits } from '../limits.ts';
import { notFound } from '../problem.ts';
import { toRuleView } from '../views.ts';

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
 * Returns the effect of a rule on the last 90 days, and stores the rule unless it is a preview. The next settle applies
 * it, within the hour.
 * @throws {Problem} 409 if the page or the stack has as many rules as it may have
 * @throws {StoreUnavailable} while the lake is unavailable; no rule is stored before its effect is known
 */
export async function applyRule(deps: Reclassifier, page: Page, body: NewRule): Promise<RuleEffect> {
  if (!body.preview) await checkLimits(deps, page);
  const effect = await readEffect(deps, page, body);
  if (body.preview) return { rule: null, ...effect };
  // The lake takes seconds, in which other requests may have stored rules.
  await checkLimits(deps, page);
  const { field, value, outcome } = body;
  const id = ulidOf(deps.now(), deps.random(16));
  const record: RuleRecord = { id, page: page.path, field, value, outcome, state: 'pending' };
  await deps.rules.putRule(record);
  return { rule: toRuleView(record) ?? null, ...effect };
}

/** @throws {Problem} 409 */
async function checkLimits({ rules }: Reclassifier, { path }: Page): Promise<void> {
  const stored = await rules.rules();
  const ofPage = stored.filter(({ page }) => page === path);
  checkLimit('rules of a page', ofPage.length, ownerLimits.rulesOfPage);
  checkLimit('rules of all pages', stored.length, ownerLimits.rulesOfStack);
}

/** Settle applies a rule to every hour that still has its events; the preview covers these days only. */
const previewDays = 90;

async function readEffect(
  { lake, now }: Reclassifier,
  { path }: Page,
  { field, value, outcome }: NewRule,
): Promise<Omit<RuleEffect, 'rule'>> {
  const to = new Date(now()).toISOString().slice(0, 10);
  const from = addDays(to, -previewDays);
  const rows = await lake.ruleEffect({ page: path, field, value, becomes: outcome, from, to });
  const events = rows.flatMap((row): ClassifiedEvents[] =>
    row.outcome === null || row.event_type === null
      ? []
      : [{ outcome: row.outcome, type: row.event_type, fits: row.fits === 1, events: row.events }],
  );
  const hours = rows.find((row) => row.outcome === null)?.hours ?? 0;
  return { ...computeRuleEffect(events, outcome), hours };
}

/** Returns the rules of a page, newest first. */
export async function findRules(deps: Pick<Reclassifier, 'rules'>, page: Page): Promise<Rule[]> {
  const rules = await readRules(deps, page);
  return rules.flatMap((rule) => toRuleView(rule) ?? []).sort((a, b) => (a.id < b.id ? 1 : -1));
}

async function readRules({ rules }: Pick<Reclassifier, 'rules'>, page: Page): Promise<RuleRecord[]> {
  return (await rules.rules()).filter((rule) => rule.page === page.path && rule.state !== 'removed');
}

/** Marks a rule as removed. The next settle restores the original outcomes. @throws {Problem} 404 */
export async function markRuleRemoved(deps: Pick<Reclassifier, 'rules'>, page: Page, id: string): Promise<void> {
  const rule = (await readRules(deps, page)).find((each) => each.id === id);
  if (rule === undefined) throw notFound('Rule');
  await deps.rules.putRule({ ...rule, state: 'removed', marked: undefined });
}
