import { alternativesOf, type ApiDocument, type JsonSchema, resolve, typeOf } from './document.ts';

/** A field of an object, or a parameter. */
export interface Field {
  name: string;
  type: PlainType;
  description: string;
  required: boolean;
  /** Fields of an object that has no name of its own. */
  fields: readonly Field[];
}

/** What a value may be, in words. */
export interface PlainType {
  /** `list of Link`, `string or null` */
  text: string;
  /** Named schema in `text`. */
  object?: string;
  /** `1 to 64 characters` */
  limits: readonly string[];
  /** What a caller gets who omits it: `302` */
  initial?: string | undefined;
}

export interface NamedSchema {
  name: string;
  schema: JsonSchema;
  required: boolean;
  description?: string | undefined;
}

/** Returns the words for a field or parameter. */
export function toField({ name, schema, required, description }: NamedSchema, schemas: ApiDocument['schemas']): Field {
  const type = describeType(schema, schemas);
  const resolved = resolve(schema, schemas).schema;
  return {
    name,
    type,
    description: description ?? schema.description ?? resolved.description ?? '',
    required,
    fields: type.object === undefined ? listFields(resolved.items ?? resolved, schemas) : [],
  };
}

/** Returns the fields of an object. */
export function listFields(schema: JsonSchema, schemas: ApiDocument['schemas']): Field[] {
  const object = resolve(schema, schemas).schema;
  return Object.entries(object.properties).map(([name, part]) =>
    toField({ name, schema: part, required: object.required.includes(name) }, schemas),
  );
}

/** Returns what a value may be. */
export function describeType(part: JsonSchema, schemas: ApiDocument['schemas']): PlainType {
  const { schema, name, nullable } = resolve(part, schemas);
  const plain = name === undefined ? describeUnnamed(schema, schemas) : { text: name, object: name, limits: [] };
  return {
    ...plain,
    text: nullable ? `${plain.text} or null` : plain.text,
    initial: formatDefault(part.default ?? schema.default),
  };
}

function formatDefault(value: unknown): string | undefined {
  if (value === undefined || value === '') return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function describeUnnamed(schema: JsonSchema, schemas: ApiDocument['schemas']): PlainType {
  const values = valuesOf(schema);
  if (values) return { text: listValues(values), limits: [] };
  const alternatives = alternativesOf(schema);
  if (alternatives.length > 0) return describeUnion(alternatives, schemas);
  const type = typeOf(schema);
  switch (type) {
    case 'array':
      return describeList(schema, schemas);
    case 'object':
      return describeObject(schema, schemas);
    case 'string':
      return { text: formatNames[schema.format ?? ''] ?? 'string', limits: describeText(schema) };
    case undefined:
      return { text: 'any value', limits: [] };
    default:
      return { text: type, limits: describeRange(schema.minimum, schema.maximum, '') };
  }
}

/** Returns the values of a literal or a choice of them. */
function valuesOf(schema: JsonSchema): readonly unknown[] | undefined {
  return (schema.enum ?? (schema.const === undefined ? undefined : [schema.const]))?.filter((value) => value !== null);
}

function listValues(values: readonly unknown[]): string {
  const listed = values.map((value) => `\`${String(value)}\``).join(', ');
  return values.length === 1 ? listed : `one of ${listed}`;
}

/** Literals in one list; other alternatives by their types. */
function describeUnion(alternatives: readonly JsonSchema[], schemas: ApiDocument['schemas']): PlainType {
  if (alternatives.every((each) => valuesOf(each)))
    return { text: listValues(alternatives.flatMap((each) => valuesOf(each) ?? [])), limits: [] };
  const types = alternatives.map((each) => describeType(each, schemas));
  return { text: types.map(({ text }) => text).join(', or '), limits: types.flatMap(({ limits }) => limits) };
}

function describeList({ items, minItems, maxItems }: JsonSchema, schemas: ApiDocument['schemas']): PlainType {
  const item = items ? describeType(items, schemas) : { text: 'any value', limits: [] };
  const each = item.limits.map((limit) => `each ${limit}`);
  return { ...item, text: `list of ${item.text}`, limits: [...describeRange(minItems, maxItems, ' items'), ...each] };
}

function describeObject(schema: JsonSchema, schemas: ApiDocument['schemas']): PlainType {
  const { additionalProperties, propertyNames, maxProperties } = schema;
  if (typeof additionalProperties !== 'object') return { text: 'object', limits: [] };
  const value = describeType(additionalProperties, schemas);
  const keys = propertyNames?.enum ? `, by ${listValues(propertyNames.enum)}` : '';
  return {
    ...value,
    text: `map to ${value.text}${keys}`,
    limits: [
      ...describeRange(undefined, maxProperties, ' entries'),
      ...(propertyNames?.pattern ? [`names match \`${propertyNames.pattern}\``] : []),
      ...value.limits,
    ],
  };
}

const formatNames: Readonly<Record<string, string>> = {
  date: 'date',
  'date-time': 'date-time',
  email: 'email address',
  uri: 'URL',
};

/** Longer patterns say less than the description. */
const longestPattern = 60;

function describeText({ minLength, maxLength, pattern, format }: JsonSchema): string[] {
  const shown = format === undefined && pattern !== undefined && pattern.length <= longestPattern;
  return [
    ...describeRange(minLength, maxLength, ' characters'),
    ...(shown ? [`matches \`${pattern.replaceAll('\\/', '/')}\``] : []),
  ];
}

function describeRange(least: number | undefined, most: number | undefined, unit: string): string[] {
  // The limits of zod's integers say nothing.
  const max = most === Number.MAX_SAFE_INTEGER ? undefined : most;
  const min = least === Number.MIN_SAFE_INTEGER ? undefined : least;
  if (min !== undefined && max !== undefined) return [`${format(min)} to ${format(max)}${unit}`];
  if (max !== undefined) return [`at most ${format(max)}${unit}`];
  return min === undefined ? [] : [`at least ${format(min)}${unit}`];
}

function format(limit: number): string {
  return limit.toLocaleString('en-US');
}
