/** Resolves the names that intrinsics refer to. */
export interface Scope {
  reference(logicalId: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, first: string, second: string): unknown;
}

export class UnsupportedTemplate extends Error {
  override readonly name = 'UnsupportedTemplate';
}

/** `AWS::NoValue`: removes the property that contains it. */
export const noValue = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

type PlainObject = Readonly<Record<string, unknown>>;

export function isRecord(value: unknown): value is PlainObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const intrinsics: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope) => scope.reference(textOf(argument, 'Ref')),
  Condition: (argument, scope) => scope.condition(textOf(argument, 'Condition')),
  'Fn::GetAtt': (argument, scope) => scope.attribute(...attributePath(argument)),
  'Fn::Sub': substitute,
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = listOf(argument, 'Fn::Join');
    const values = listOf(evaluate(parts, scope), 'Fn::Join');
    return values.map((value) => textOf(value, 'Fn::Join')).join(textOf(separator, 'Fn::Join'));
  },
  'Fn::Split': (argument, scope) => {
    const [separator, text] = listOf(argument, 'Fn::Split');
    return textOf(evaluate(text, scope), 'Fn::Split').split(textOf(separator, 'Fn::Split'));
  },
  'Fn::Select': (argument, scope) => {
    const [index, list] = listOf(argument, 'Fn::Select');
    return listOf(evaluate(list, scope), 'Fn::Select')[Number(evaluate(index, scope))];
  },
  'Fn::If': (argument, scope) => {
    const [name, then, otherwise] = listOf(argument, 'Fn::If');
    return evaluate(scope.condition(textOf(name, 'Fn::If')) ? then : otherwise, scope);
  },
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = listOf(evaluate(argument, scope), 'Fn::FindInMap');
    return scope.mapping(textOf(map, 'Fn::FindInMap'), textOf(first, 'Fn::FindInMap'), textOf(second, 'Fn::FindInMap'));
  },
  'Fn::Base64': (argument, scope) => Buffer.from(textOf(evaluate(argument, scope), 'Fn::Base64')).toString('base64'),
  'Fn::GetAZs': () => ['a', 'b', 'c'],
  'Fn::Equals': (argument, scope) => {
    const [left, right] = listOf(evaluate(argument, scope), 'Fn::Equals');
    return textOf(left, 'Fn::Equals') === textOf(right, 'Fn::Equals');
  },
  'Fn::And': (argument, scope) => listOf(argument, 'Fn::And').every((part) => evaluateCondition(part, scope)),
  'Fn::Or': (argument, scope) => listOf(argument, 'Fn::Or').some((part) => evaluateCondition(part, scope)),
  'Fn::Not': (argument, scope) => !evaluateCondition(listOf(argument, 'Fn::Not')[0], scope),
};

/**
 * Evaluates every intrinsic in a value.
 *
 * @throws {UnsupportedTemplate} naming an intrinsic that the local stack doesn't support
 */
export function evaluate(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value)) return value.map((item) => evaluate(item, scope)).filter((item) => item !== noValue);
  if (!isRecord(value)) return value;
  const [key, argument] = single(value) ?? [];
  const intrinsic = key === undefined ? undefined : intrinsics[key];
  // `Condition` is also an ordinary key of IAM statements, where its value is an object.
  if (intrinsic && (key !== 'Condition' || typeof argument === 'string')) return intrinsic(argument, scope);
  if (key?.startsWith('Fn::')) throw new UnsupportedTemplate(`The local stack doesn't support the intrinsic ${key}`);
  return Object.fromEntries(
    Object.entries(value)
      .map(([name, item]): [string, unknown] => [name, evaluate(item, scope)])
      .filter(([, item]) => item !== noValue),
  );
}

function single(value: PlainObject): [string, unknown] | undefined {
  const entries = Object.entries(value);
  return entries.length === 1 ? entries[0] : undefined;
}

/** Converts a scalar to text. @throws {UnsupportedTemplate} for an object where text is needed */
function textOf(value: unknown, where: string): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new UnsupportedTemplate(`${where} must be text; got ${JSON.stringify(value)}`);
}

function attributePath(argument: unknown): [string, string] {
  if (typeof argument === 'string') {
    const dot = argument.indexOf('.');
    return [argument.slice(0, dot), argument.slice(dot + 1)];
  }
  const [logicalId, name] = listOf(argument, 'Fn::GetAtt');
  return [textOf(logicalId, 'Fn::GetAtt'), textOf(name, 'Fn::GetAtt')];
}

function listOf(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw new UnsupportedTemplate(`${where} must be a list; got ${JSON.stringify(value)}`);
}

function substitute(argument: unknown, scope: Scope): string {
  const [pattern, given] = Array.isArray(argument) ? listOf(argument, 'Fn::Sub') : [argument, {}];
  const variables = isRecord(given) ? given : {};
  return textOf(pattern, 'Fn::Sub').replaceAll(/\$\{(!?)([^}]+)\}/g, (_all, literal: string, name: string) => {
    if (literal) return `\${${name}}`;
    if (name in variables) return textOf(evaluate(variables[name], scope), `Fn::Sub ${name}`);
    return textOf(
      name.includes('.') ? scope.attribute(...attributePath(name)) : scope.reference(name),
      `Fn::Sub ${name}`,
    );
  });
}

function evaluateCondition(argument: unknown, scope: Scope): boolean {
  const value = evaluate(argument, scope);
  return value === true || value === 'true';
}
