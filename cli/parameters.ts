import { linkCodePattern, pagePathPattern } from '#schemas/catalog.ts';
import { UsageError } from './errors.ts';

/** A kind of value on the command line. `parse` returns undefined for a text that `allowed` does not describe. */
export interface Kind<T> {
  readonly hint: string;
  readonly allowed: string;
  parse(text: string): T | undefined;
}

/** The value of a parameter as given on the command line. */
export type Given = string | boolean | readonly string[] | undefined;

/** An argument or an option: its help and its parser. */
export interface Parameter<T = unknown> {
  /** Placeholder of the value, such as `<n>`; null for a flag. */
  readonly hint: string | null;
  readonly meaning: string;
  readonly required: boolean;
  /** Collects every value. Other parameters use the last one given. */
  readonly repeated?: true;
  /** @throws {UsageError} with the parameter, its value and what is allowed */
  read(name: string, given: Given): T;
}
export type Parameters = Readonly<Record<string, Parameter>>;
export type Values<P extends Parameters> = { [K in keyof P]: P[K] extends Parameter<infer T> ? T : never };

export const pagePath: Kind<string> = {
  hint: '</page>',
  allowed: 'a page path: a slash and 1 to 64 of A–Z a–z 0–9 . _ -',
  parse: (value) => (pagePathPattern.test(value) ? value : undefined),
};

export const linkCode: Kind<string> = {
  hint: '<code>',
  allowed: 'a link code: 1 to 64 of A–Z a–z 0–9 _ -',
  parse: (value) => (linkCodePattern.test(value) ? value : undefined),
};

export const webAddress: Kind<string> = {
  hint: '<url>',
  allowed: 'an http or https URL',
  parse: (value) => {
    const url = URL.canParse(value) ? new URL(value) : undefined;
    return url && /^https?:$/.test(url.protocol) ? value.replace(/\/+$/, '') : undefined;
  },
};

export const positiveNumber: Kind<number> = {
  hint: '<n>',
  allowed: 'a number greater than 0',
  parse: (value) => {
    const number = Number(value.replaceAll('_', ''));
    return value.trim() !== '' && Number.isFinite(number) && number > 0 ? number : undefined;
  },
};

export const instant: Kind<number> = {
  hint: '<ISO>',
  allowed: 'an ISO 8601 date-time with an offset, such as 2026-11-22T07:00:00Z',
  parse: (value) => {
    const at = /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/.test(value) ? Date.parse(value) : Number.NaN;
    return Number.isNaN(at) ? undefined : at;
  },
};

export function optional<T>(kind: Kind<T>, meaning: string): Parameter<T | undefined> {
  return {
    hint: kind.hint,
    meaning,
    required: false,
    read: (name, given) => (typeof given === 'string' ? readText(kind, name, given) : undefined),
  };
}

export function required<T>(kind: Kind<T>, meaning: string): Parameter<T> {
  return {
    hint: kind.hint,
    meaning,
    required: true,
    read: (name, given) => {
      if (typeof given !== 'string') throw new UsageError(`\`${name}\` is required: ${kind.allowed}`);
      return readText(kind, name, given);
    },
  };
}

function readText<T>(kind: Kind<T>, name: string, text: string): T {
  const value = kind.parse(text);
  if (value === undefined) throw new UsageError(`\`${name}\` must be ${kind.allowed}; got \`${text}\``);
  return value;
}

export function text(hint: string): Kind<string> {
  return {
    hint,
    allowed: 'a non-empty text',
    parse: (value) => (value.trim() === '' ? undefined : value),
  };
}

export function optionalWith<T>(kind: Kind<T>, fallback: T, meaning: string): Parameter<T> {
  return {
    hint: kind.hint,
    meaning: `${meaning} (default ${String(fallback)})`,
    required: false,
    read: (name, given) => (typeof given === 'string' ? readText(kind, name, given) : fallback),
  };
}

/** Defines an option that may be given several times. */
export function repeated<T>(kind: Kind<T>, meaning: string): Parameter<T[]> {
  return {
    hint: `${kind.hint}…`,
    meaning,
    required: false,
    repeated: true,
    read: (name, given) => (Array.isArray(given) ? given.map((text: string) => readText(kind, name, text)) : []),
  };
}

export function flag(meaning: string): Parameter<boolean> {
  return {
    hint: null,
    meaning,
    required: false,
    read: (_, given) => given === true,
  };
}

export function wholeNumber(min: number, max: number): Kind<number> {
  return {
    hint: '<n>',
    allowed: `a whole number from ${min} to ${max}`,
    parse: (value) => {
      const number = Number(value);
      return /^\d+$/.test(value) && number >= min && number <= max ? number : undefined;
    },
  };
}

export function oneOf<const V extends string>(values: readonly V[]): Kind<V> {
  return {
    hint: `<${values.join('|')}>`,
    allowed: `one of ${values.join(', ')}`,
    parse: (value) => values.find((candidate) => candidate === value),
  };
}
