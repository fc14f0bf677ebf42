import { describe, expect, it } from 'vitest';
import { fc } from '#test/property.ts';
import {
  evaluateFormula,
  type Formula,
  type FormulaValue,
  isAdditive,
  largestNumber,
  listMeasures,
  longestFormula,
  parseFormula,
} from './formula.ts';

function parse(text: string, measures: readonly string[] = ['a', 'b', 'c']): Formula {
  const parsed = parseFormula(text, measures);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.problem.message} at ${parsed.problem.at}`);
  return parsed.formula;
}

function evaluate(text: string, values: Readonly<Record<string, FormulaValue>>): FormulaValue {
  return evaluateFormula(parse(text), (name) => values[name] ?? null);
}

describe('a formula', () => {
  it.each<[string, FormulaValue]>([
    ['a/b', 2.5],
    ['(a-b)/a', 0.6],
    ['((a - b) / (a + b)) * 100', (6 / 14) * 100],
    ['a-b-1', 5],
    ['a/b/2', 1.25],
    ['a+b*2', 18],
    ['-a+b', -6],
    ['-(a+b)', -14],
    ['a*-b', -40],
    ['1e3 + 0.5', 1000.5],
    ['2', 2],
    [' a\t/\nb ', 2.5],
    ['a/(b-b)', null],
    ['a/0', null],
    ['a/(b-b) + 1', null],
    ['a - a', 0],
    ['-(a - a)', 0],
    ['a + c', null],
    ['c * 0', null],
  ])('%s', (text, expected) => expect(evaluate(text, { a: 10, b: 4 })).toBe(expected));

  it.each<[string, number]>([
    ['', 0],
    ['   ', 3],
    ['a;b', 1],
    ['constructor', 0],
    ['a + __proto__', 4],
    ['toString', 0],
    ['a**b', 2],
    ['a b', 2],
    ['2a', 1],
    ['(a', 2],
    ['a)', 1],
    ['()', 1],
    ['a +', 3],
    ['--a', 1],
    ['+a', 0],
    ['a.b', 1],
    ['1.', 1],
    ['.5', 0],
    ['a / x', 4],
    ['a=1', 1],
    ['`a`', 0],
    ['a,b', 1],
    ['ä', 0],
    ['a ÷ b', 2],
    ['1e9*1e9', 3],
    ['9007199254740993e1', 0],
    ['a + 1e400', 4],
  ])('%s is refused at %d', (text, at) => {
    const parsed = parseFormula(text, ['a', 'b']);
    expect(parsed).toMatchObject({ ok: false, problem: { at } });
    expect(parsed.ok ? '' : parsed.problem.message).not.toBe('');
  });

  it('has a length', () => {
    const longest = `a${'+a'.repeat((longestFormula - 2) / 2)} `;
    expect(longest).toHaveLength(longestFormula);
    expect(parseFormula(longest, ['a']).ok).toBe(true);
    expect(parseFormula(`${longest} `, ['a'])).toMatchObject({ ok: false, problem: { at: longestFormula } });
    expect(parseFormula('('.repeat(longestFormula), ['a']).ok).toBe(false);
  });

  it('refuses what is not exact, and not what is', () => {
    expect(evaluate('a', { a: largestNumber })).toBe(largestNumber);
    expect(evaluate('a', { a: largestNumber * 2 })).toBe('overflow');
    expect(evaluate('a*a', { a: 1e9 })).toBe('overflow');
    expect(evaluate('a*a/a', { a: 1e9 })).toBe('overflow');
    expect(evaluate('b + a*a', { a: 1e9, b: null })).toBe('overflow');
    expect(evaluate('b/a', { a: 'overflow', b: 1 })).toBe('overflow');
  });

  it.each<[string, boolean]>([
    ['a', true],
    ['a + b - c', true],
    ['2 * a / 3 - b', true],
    ['-(a - b)', true],
    ['a / b', false],
    ['a * b', false],
    ['a + 1', false],
    ['1 / a', false],
    ['2', false],
  ])('%s is a sum of its days: %s', (text, expected) => expect(isAdditive(parse(text))).toBe(expected));

  it('names its measures', () => expect([...listMeasures(parse('a / (b - -a) + 2'))]).toEqual(['a', 'b']));
});

/** The same value by another way: text to reverse Polish notation (Dijkstra's shunting yard), then a stack. */
function evaluateNaively(text: string, values: Readonly<Record<string, number | null>>): FormulaValue {
  const tokens = text.match(/[a-z]+|[\d.]+|[-+*/()]/g) ?? [];
  const precedence: Readonly<Record<string, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '~': 3 };
  const output: string[] = [];
  const waiting: string[] = [];
  let previous = '(';
  for (const found of tokens) {
    const token = found === '-' && /^[-+*/(]$/.test(previous) ? '~' : found;
    if (token === '(' || token === '~') waiting.push(token);
    else if (token === ')') {
      while (waiting.at(-1) !== '(') output.push(waiting.pop() ?? '');
      waiting.pop();
    } else if (token in precedence) {
      while ((precedence[waiting.at(-1) ?? ''] ?? 0) >= (precedence[token] ?? 0)) output.push(waiting.pop() ?? '');
      waiting.push(token);
    } else output.push(token);
    previous = found;
  }
  const stack: FormulaValue[] = [];
  for (const token of [...output, ...waiting.reverse()]) {
    if (!(token in precedence)) stack.push(/^\d/.test(token) ? Number(token) : (values[token] ?? null));
    else {
      const right = stack.pop() ?? null;
      const left = token === '~' ? 0 : (stack.pop() ?? null);
      stack.push(apply(token, left, right));
    }
  }
  return stack.pop() ?? null;
}

function apply(operator: string, left: FormulaValue, right: FormulaValue): FormulaValue {
  if (left === 'overflow' || right === 'overflow') return 'overflow';
  if (left === null || right === null || (operator === '/' && right === 0)) return null;
  const results: Record<string, number> = {
    '+': left + right,
    '-': left - right,
    '~': 0 - right,
    '*': left * right,
    '/': left / right,
  };
  const result = (results[operator] ?? 0) + 0;
  return Math.abs(result) > 2 ** 53 ? 'overflow' : result;
}

const { formulas } = fc.letrec<{ formulas: string; operand: string }>((tie) => ({
  operand: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('a', 'b', 'c'),
    fc.integer({ min: 0, max: 1_000 }).map(String),
    fc.constantFrom('0', '0.5', '12.25'),
    tie('formulas').map((inner) => `(${inner})`),
    tie('formulas').map((inner) => `-(${inner})`),
  ),
  formulas: fc
    .tuple(
      tie('operand'),
      fc.array(fc.tuple(fc.constantFrom(' + ', '-', '*', ' / '), tie('operand')), { maxLength: 3 }),
    )
    .map(([first, rest]) => first + rest.map(([operator, operand]) => operator + operand).join('')),
}));

it('any formula has the value of a second evaluator', () => {
  const value = fc.option(fc.integer({ min: -1_000_000_000, max: 1_000_000_000 }), { freq: 5 });
  fc.assert(
    fc.property(formulas, fc.record({ a: value, b: value, c: value }), (text, values) => {
      fc.pre(text.length <= longestFormula);
      const parsed = parseFormula(text, ['a', 'b', 'c']);
      const expected = evaluateNaively(text, values);
      // A constant part that is too large is refused when it is parsed.
      if (!parsed.ok) {
        expect(expected).toBe('overflow');
        return;
      }
      expect(
        evaluateFormula(parsed.formula, (name) => Object.entries(values).find(([each]) => each === name)?.[1] ?? null),
      ).toBe(expected);
    }),
    { numRuns: 2_000 },
  );
});

it('no text makes the parser fail in another way', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: fc.constantFrom(...Array.from('ab()+-*/ .e19')) })),
      (text) => {
        const parsed = parseFormula(text, ['a', 'b']);
        if (!parsed.ok) expect(parsed.problem.at).toBeLessThanOrEqual(Math.max(text.length, longestFormula));
      },
    ),
    { numRuns: 5_000 },
  );
});

it('the formula of a sum is the sum of its days, if it is additive', () => {
  const day = fc.record({
    a: fc.integer({ max: 1e6, min: 0 }),
    b: fc.integer({ max: 1e6, min: 0 }),
    c: fc.constant(3),
  });
  fc.assert(
    fc.property(formulas, fc.array(day, { minLength: 1, maxLength: 9 }), (text, days) => {
      const parsed = parseFormula(text, ['a', 'b', 'c']);
      if (!parsed.ok || !isAdditive(parsed.formula)) return;
      const { formula } = parsed;
      function valueOf(values: Readonly<Record<string, number>>): FormulaValue {
        return evaluateFormula(formula, (name) => values[name] ?? 0);
      }
      const whole = valueOf({ a: total(days, 'a'), b: total(days, 'b'), c: total(days, 'c') });
      const parts = days.map(valueOf);
      if (whole === 'overflow' || whole === null || parts.some((part) => typeof part !== 'number')) return;
      const sum = parts.reduce<number>((all, part) => all + Number(part), 0);
      expect(Math.abs(whole - sum)).toBeLessThanOrEqual(
        1e-9 * Math.max(1, ...parts.map((part) => Math.abs(Number(part))), Math.abs(sum)) * 100,
      );
    }),
  );
});

function total<Name extends string>(days: readonly Readonly<Record<Name, number>>[], name: Name): number {
  return days.reduce((sum, day) => sum + day[name], 0);
}
