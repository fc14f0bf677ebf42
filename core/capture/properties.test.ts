import { describe, expect, it } from 'vitest';
import { collectEventSchema, collectLimits } from '#schemas/collect-event.ts';
import { keepProperties } from './properties.ts';

function numbered(count: number, value: unknown): Record<string, unknown> {
  return Object.fromEntries(Array.from({ length: count }, (_each, index) => [`p${index}`, value]));
}

describe('properties', () => {
  it('are flattened to three levels; arrays, and what is deeper, are JSON', () => {
    const given = { a: { b: { c: { d: 1 } } }, list: [1, { x: 2 }], empty: {}, nothing: null, yes: true };
    expect(keepProperties(given)).toEqual({
      properties: { 'a.b.c': '{"d":1}', list: '[1,{"x":2}]', empty: '{}', nothing: null, yes: true },
      cut: 0,
    });
  });

  it('are 50 at most', () => {
    expect(keepProperties(numbered(collectLimits.properties, 1)).cut).toBe(0);
    const { properties, cut } = keepProperties(numbered(collectLimits.properties + 2, 1));
    expect([Object.keys(properties).length, cut]).toEqual([collectLimits.properties, 2]);
  });

  it('have names and texts of a limited length', () => {
    const at = { ['n'.repeat(collectLimits.propertyName)]: 'x'.repeat(collectLimits.propertyText) };
    expect(keepProperties(at)).toEqual({ properties: at, cut: 0 });
    const past = { ['n'.repeat(collectLimits.propertyName + 1)]: 'x'.repeat(collectLimits.propertyText + 1) };
    expect(keepProperties(past)).toEqual({ properties: at, cut: 1 });
  });

  it('are cut after e-mail addresses were redacted, not inside them', () => {
    const address = 'ada@mail.example';
    const { properties } = keepProperties({
      ['n'.repeat(collectLimits.propertyName - 5) + ' ' + address]:
        `${'x'.repeat(collectLimits.propertyText - 6)} ${address}`,
      'a b': { [`${'y'.repeat(collectLimits.propertyName - 8)} ${address}`]: 1 },
    });
    expect(JSON.stringify(properties)).not.toContain('ada@');
  });

  it('below a long name are read in linear time', () => {
    const inner = numbered(20_000, 1);
    const started = performance.now();
    keepProperties({ short: inner });
    const short = performance.now() - started;
    keepProperties({ ['n'.repeat(500_000)]: inner });
    expect(performance.now() - started - short).toBeLessThan(20 * short + 100);
  });

  it('have 5,000 characters of JSON in all', () => {
    const { properties, cut } = keepProperties(numbered(10, 'x'.repeat(1_000)));
    expect(JSON.stringify(properties).length).toBeLessThanOrEqual(collectLimits.propertiesText);
    expect([Object.keys(properties).length, cut]).toEqual([4, 6]);
  });

  it.each<Record<string, unknown>>([
    JSON.parse('{"__proto__":{"polluted":true},"constructor":1}'),
    { '': 1, ['☕'.repeat(80)]: '💥'.repeat(600) },
    { a: { b: 1 }, 'a.b': 2 },
  ])('are always valid: %j', (given) => {
    const { properties } = keepProperties(given);
    const event = { page: '/ada', type: 'custom', name: 'x', properties };
    expect(collectEventSchema.safeParse(event).error).toBeUndefined();
    expect(Object.getPrototypeOf(properties)).toBe(Object.prototype);
  });
});
