/** Characters of a formula. They also bound the depth of its parentheses. */
export const longestFormula = 200;

/** The largest number that a formula may reach, in either direction: above it, integers are no longer exact. */
export const largestNumber = 2 ** 53;

export type Formula =
  | { kind: 'number'; value: number }
  | { kind: 'measure'; name: string }
  | { kind: 'negative'; of: Formula }
  | { kind: 'binary'; operator: Operator; left: Formula; right: Formula };

type Operator = '+' | '-' | '*' | '/';

/** Why a text is no formula, and where: the first character is 0. */
export interface FormulaProblem {
  at: number;
  message: string;
}

export type ParsedFormula = { ok: true; formula: Formula } | { ok: false; problem: FormulaProblem };

/** The value of a formula; null where something is divided by zero or unknown; `overflow` beyond {@link largestNumber}. */
export type FormulaValue = number | null | 'overflow';

/**
 * Parses a formula over measures:
 *
 *     formula := sum
 *     sum     := product (('+' | '-') product)*
 *     product := unary (('*' | '/') unary)*
 *     unary   := '-'? (number | name | '(' sum ')')
 *
 * A number has digits, a fraction and an exponent: `12`, `0.5`, `1e3`. Spaces separate. A part without measures is computed
 * here, so that one that is too large is refused.
 *
 * @param measures names that the formula may use
 * @example parseFormula('a / b', ['a', 'b'])
 */
export function parseFormula(text: string, measures: readonly string[]): ParsedFormula {
  const state: Reader = { text, at: 0, measures: new Set(measures) };
  try {
    if (text.length > longestFormula) throw new Misread(longestFormula, `at most ${longestFormula} characters`);
    const formula = readSum(state);
    skipSpaces(state);
    if (state.at < text.length) throw new Misread(state.at, 'an operator or the end');
    return { ok: true, formula };
  } catch (error) {
    if (error instanceof Misread) return { ok: false, problem: { at: error.at, message: error.message } };
    throw error;
  }
}

/** Computes a formula. Null spreads: what is computed from an unknown value is unknown. */
export function evaluateFormula(formula: Formula, valueOf: (measure: string) => FormulaValue): FormulaValue {
  switch (formula.kind) {
    case 'number':
      return bounded(formula.value);
    case 'measure':
      return bounded(valueOf(formula.name));
    case 'negative': {
      const value = evaluateFormula(formula.of, valueOf);
      return typeof value === 'number' ? withoutSign(-value) : value;
    }
    case 'binary': {
      const left = evaluateFormula(formula.left, valueOf);
      const right = evaluateFormula(formula.right, valueOf);
      if (left === 'overflow' || right === 'overflow') return 'overflow';
      return left === null || right === null ? null : bounded(compute(formula.operator, left, right));
    }
    default:
      return formula satisfies never;
  }
}

/**
 * Returns whether the formula of a sum of days is the sum of its days: measures are only added, subtracted, and multiplied or
 * divided by constants.
 */
export function isAdditive(formula: Formula): boolean {
  return degreeOf(formula) === 'linear';
}

/** Returns the names of the measures that a formula uses. */
export function listMeasures(formula: Formula): Set<string> {
  switch (formula.kind) {
    case 'number':
      return new Set();
    case 'measure':
      return new Set([formula.name]);
    case 'negative':
      return listMeasures(formula.of);
    case 'binary':
      return new Set([...listMeasures(formula.left), ...listMeasures(formula.right)]);
    default:
      return formula satisfies never;
  }
}

/** Returns the names of the measures by which a formula divides. */
export function listDenominators(formula: Formula): Set<string> {
  switch (formula.kind) {
    case 'number':
    case 'measure':
      return new Set();
    case 'negative':
      return listDenominators(formula.of);
    case 'binary': {
      const { operator, left, right } = formula;
      const below = operator === '/' ? listMeasures(right) : listDenominators(right);
      return new Set([...listDenominators(left), ...below]);
    }
    default:
      return formula satisfies never;
  }
}

class Misread extends Error {
  override readonly name = 'Misread';
  readonly at: number;

  constructor(at: number, expected: string) {
    super(expected);
    this.at = at;
  }
}

interface Reader {
  readonly text: string;
  at: number;
  readonly measures: ReadonlySet<string>;
}

function readSum(reader: Reader): Formula {
  return readOperands(reader, ['+', '-'], readProduct);
}

function readProduct(reader: Reader): Formula {
  return readOperands(reader, ['*', '/'], readUnary);
}

function readOperands(
  reader: Reader,
  operators: readonly Operator[],
  readOperand: (reader: Reader) => Formula,
): Formula {
  let left = readOperand(reader);
  for (;;) {
    skipSpaces(reader);
    const at = reader.at;
    const operator = operators.find((each) => each === reader.text[at]);
    if (operator === undefined) return left;
    reader.at += 1;
    left = checkConstant({ kind: 'binary', operator, left, right: readOperand(reader) }, at);
  }
}

function readUnary(reader: Reader): Formula {
  skipSpaces(reader);
  if (reader.text[reader.at] !== '-') return readPrimary(reader);
  reader.at += 1;
  return { kind: 'negative', of: readPrimary(reader) };
}

const numberToken = /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const nameToken = /[\p{L}_$][\p{L}\p{N}_$]*/uy;

function readPrimary(reader: Reader): Formula {
  skipSpaces(reader);
  const { text, at } = reader;
  if (text[at] === '(') {
    reader.at += 1;
    const inner = readSum(reader);
    skipSpaces(reader);
    if (text[reader.at] !== ')') throw new Misread(reader.at, '`)`');
    reader.at += 1;
    return inner;
  }
  const number = readToken(reader, numberToken);
  if (number !== undefined) return checkConstant({ kind: 'number', value: Number(number) }, at);
  const name = readToken(reader, nameToken);
  if (name === undefined) throw new Misread(at, 'a number, a measure or `(`');
  if (!reader.measures.has(name)) throw new Misread(at, `one of the measures ${listNames(reader.measures)}`);
  return { kind: 'measure', name };
}

function listNames(names: ReadonlySet<string>): string {
  return [...names].map((name) => `\`${name}\``).join(', ');
}

function readToken(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const token = pattern.exec(reader.text)?.[0];
  if (token !== undefined) reader.at += token.length;
  return token;
}

function skipSpaces(reader: Reader): void {
  while (/\s/.test(reader.text[reader.at] ?? '')) reader.at += 1;
}

/** @throws {Misread} for a part without measures that is too large */
function checkConstant(formula: Formula, at: number): Formula {
  if (listMeasures(formula).size === 0 && evaluateFormula(formula, () => null) === 'overflow')
    throw new Misread(at, `a number of at most 2^53`);
  return formula;
}

function compute(operator: Operator, left: number, right: number): number | null {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right === 0 ? null : left / right;
    default:
      return operator satisfies never;
  }
}

function bounded(value: FormulaValue): FormulaValue {
  if (typeof value !== 'number') return value;
  return Math.abs(value) <= largestNumber ? withoutSign(value) : 'overflow';
}

/** Zero has no sign: `-0` would be shown as such. */
function withoutSign(value: number): number {
  return value === 0 ? 0 : value;
}

type Degree = 'constant' | 'linear' | 'other';

function degreeOf(formula: Formula): Degree {
  if (formula.kind === 'number') return 'constant';
  if (formula.kind === 'measure') return 'linear';
  if (formula.kind === 'negative') return degreeOf(formula.of);
  const [left, right] = [degreeOf(formula.left), degreeOf(formula.right)];
  switch (formula.operator) {
    case '+':
    case '-':
      return left === right ? left : 'other';
    case '*':
      return left === 'constant' ? right : right === 'constant' ? left : 'other';
    case '/':
      return right === 'constant' ? left : 'other';
    default:
      return formula.operator satisfies never;
  }
}
