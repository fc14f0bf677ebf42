import { shiftDate } from '#core/settle/hours.ts';
import type { ParameterKind } from '#stores/lake/query-parameters.ts';
import { UsageError } from '#cli/errors.ts';
import { nearest } from '#cli/nearest.ts';
import { instant, type Kind } from '#cli/parameters.ts';
import { date } from './kinds.ts';

/** `name=value` as it was typed. */
export interface NamedText {
  name: string;
  value: string;
}

export const namedText: Kind<NamedText> = {
  hint: '<name>=<value>',
  allowed: 'a name, an equals sign and a value',
  parse: (text) => {
    const at = text.indexOf('=');
    return at > 0 ? { name: text.slice(0, at), value: text.slice(at + 1) } : undefined;
  },
};

const list: Kind<string[]> = {
  hint: '<a,b,…>',
  allowed: 'values with commas between them',
  parse: (value) => (value === '' ? [] : value.split(',')),
};

const kinds: Readonly<Record<ParameterKind, Kind<unknown>>> = {
  text: { hint: '<text>', allowed: 'a text', parse: (value) => value },
  date,
  whole: {
    hint: '<n>',
    allowed: 'a whole number',
    parse: (value) => (/^-?\d{1,15}$/.test(value) ? Number(value) : undefined),
  },
  instant,
  lines: list,
  members: list,
};

export function hintOf(kind: ParameterKind): string {
  return kinds[kind].hint;
}

type Kinds = Readonly<Record<string, ParameterKind>>;

/**
 * Values of a query's parameters from the command line.
 * @throws {UsageError} for a name that it has not, a value that does not fit, or one that is missing
 */
export function readValues(parameters: Kinds, given: readonly NamedText[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { name, value } of given) {
    const kind = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (!kind) {
      const meant = nearest(name, Object.keys(parameters));
      throw new UsageError(
        `"${name}" is not a parameter of this query; ${meant ? `did you mean "${meant}"?` : `it has ${Object.keys(parameters).join(', ')}`}`,
      );
    }
    values[name] = kinds[kind].parse(value);
    if (values[name] === undefined)
      throw new UsageError(`--param ${name} is "${value}"; it must be ${kinds[kind].allowed}`);
  }
  const all = withSpan(parameters, values);
  for (const [name, kind] of Object.entries(parameters))
    if (!(name in all)) throw new UsageError(`--param ${name} is missing; it must be ${kinds[kind].allowed}`);
  return all;
}

/** The UTC partitions that local dates can touch reach one day further on either side. */
function withSpan(parameters: Kinds, values: Record<string, unknown>): Record<string, unknown> {
  const first = values['from'] ?? values['date'];
  const last = values['to'] ?? values['date'];
  const span = {
    ...('first_dt' in parameters && typeof first === 'string' && { first_dt: shiftDate(first, -1) }),
    ...('last_dt' in parameters && typeof last === 'string' && { last_dt: shiftDate(last, 1) }),
  };
  return { ...span, ...values };
}
