import { addDays } from '#core/ledger/time-range.ts';
import { filterQuery, readFilters } from '#schemas/api/filters.ts';
import type { ParameterKind } from '#stores/lake/query-parameters.ts';
import { UsageError } from '#cli/errors.ts';
import { nearest } from '#cli/nearest.ts';
import { instant, type Kind } from '#cli/parameters.ts';
import { date } from './kinds.ts';

/** `name=value` as typed. */
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

export function describeKind(kind: ParameterKind): string {
  return kinds[kind].hint;
}

const list: Kind<string[]> = {
  hint: '<a,b,…>',
  allowed: 'values separated by commas',
  parse: (value) => (value === '' ? [] : value.split(',')),
};

const kinds: Readonly<Record<ParameterKind, Kind<unknown>>> = {
  // No query of the command line takes measures.
  measures: { hint: '<measures>', allowed: 'nothing', parse: () => undefined },
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
  filters: {
    hint: '<query>',
    allowed: "filters as in the API's query string, such as `country=AT&host.not=news.example`",
    parse: (value) => {
      const query = new URLSearchParams(value);
      const known = [...query.keys()].every((name) => Object.hasOwn(filterQuery, name));
      return known ? readFilters((name) => query.getAll(name)) : undefined;
    },
  },
};

type Kinds = Readonly<Record<string, ParameterKind>>;

/**
 * Parses the parameters of a query.
 * @throws {UsageError} for an unknown name, or an invalid or missing value
 */
export function readValues(parameters: Kinds, given: readonly NamedText[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { name, value } of given) {
    const kind = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    if (!kind) {
      const meant = nearest(name, Object.keys(parameters));
      throw new UsageError(
        `unknown parameter \`${name}\`; ${meant ? `did you mean \`${meant}\`?` : `the parameters are ${Object.keys(parameters).join(', ')}`}`,
      );
    }
    values[name] = kinds[kind].parse(value);
    if (values[name] === undefined)
      throw new UsageError(`\`--param ${name}\` must be ${kinds[kind].allowed}; got \`${value}\``);
  }
  const all = addPartitions(parameters, values);
  for (const [name, kind] of Object.entries(parameters))
    if (!(name in all)) throw new UsageError(`\`--param ${name}\` is required: ${kinds[kind].allowed}`);
  return all;
}

/** Adds the UTC partitions of the local dates, which start a day earlier and end a day later. */
function addPartitions(parameters: Kinds, values: Record<string, unknown>): Record<string, unknown> {
  const first = values['from'] ?? values['date'];
  const last = values['to'] ?? values['date'];
  const span = {
    ...('first_dt' in parameters && typeof first === 'string' && { first_dt: addDays(first, -1) }),
    ...('last_dt' in parameters && typeof last === 'string' && { last_dt: addDays(last, 1) }),
  };
  return { ...span, ...values };
}
