import { describe, expect, it } from 'vitest';
import { plainPage } from '#core/links/link.fixture.ts';
import type { RuleRecord } from '#stores/settle/settle-state.ts';
import { ownerLimits } from '../limits.ts';
import { applyRule } from './reclassify.ts';

const rule = { field: 'asn', value: '64500', outcome: 'bot', preview: false } as const;

function setUp(stored: RuleRecord[]) {
  return {
    rules: { rules: async () => stored, putRule: async (added: RuleRecord) => void stored.push(added) },
    lake: { ruleEffect: async () => [] },
    now: () => Date.UTC(2026, 10, 22),
    random: (bytes: number) => new Uint8Array(bytes),
  };
}

function rules(count: number, page: string): RuleRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    ...rule,
    id: `${page}${index}`,
    page,
    // A removed rule costs a settle until its changes are undone.
    state: index % 2 === 0 ? ('applied' as const) : ('removed' as const),
  }));
}

describe('the rules of a page and of the stack', () => {
  it.each([
    ['a page', rules(ownerLimits.rulesOfPage - 1, plainPage.path)],
    ['the stack', rules(ownerLimits.rulesOfStack - 1, '/other')],
  ])('are accepted up to the limit of %s, and refused past it', async (_of, stored) => {
    const deps = setUp(stored);
    expect((await applyRule(deps, plainPage, rule)).rule).toMatchObject({ page: plainPage.path });
    await expect(applyRule(deps, plainPage, rule)).rejects.toMatchObject({ status: 409 });
    expect((await applyRule(deps, plainPage, { ...rule, preview: true })).rule).toBeNull();
  });

  it('are counted again once the lake has responded, which takes long enough for many other requests', async () => {
    const stored: RuleRecord[] = [];
    const { promise, resolve } = Promise.withResolvers<never[]>();
    const waiting = applyRule({ ...setUp(stored), lake: { ruleEffect: () => promise } }, plainPage, rule);
    await new Promise(setImmediate);
    stored.push(...rules(ownerLimits.rulesOfPage, plainPage.path));
    resolve([]);
    await expect(waiting).rejects.toMatchObject({ status: 409 });
    expect(stored).toHaveLength(ownerLimits.rulesOfPage);
  });
});
