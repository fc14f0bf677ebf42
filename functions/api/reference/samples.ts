import { alternativesOf, type ApiDocument, type JsonSchema, resolve, typeOf } from './document.ts';

/**
 * Returns an example of a schema: its own `example`, or one made of its fields. Of a request, fields that a caller must
 * send; of a response, all fields.
 */
export function sampleOf(schema: JsonSchema, schemas: ApiDocument['schemas'], fields: 'required' | 'all'): unknown {
  return sample(schema, '', { schemas, fields });
}

interface SampleOptions {
  schemas: ApiDocument['schemas'];
  fields: 'required' | 'all';
}

function sample(part: JsonSchema, name: string, options: SampleOptions): unknown {
  const { schema } = resolve(part, options.schemas);
  const given = part.example ?? schema.example;
  if (given !== undefined) return given;
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [alternative] = alternativesOf(schema);
  if (alternative) return sample(alternative, name, options);
  const type = typeOf(schema);
  switch (type) {
    case 'object':
      return sampleObject(schema, name, options);
    case 'array':
      return schema.items ? [sample(schema.items, singular(name), options)] : [];
    case 'string':
      return texts[name] ?? formats[schema.format ?? ''] ?? (schema.pattern && schema.type !== type ? null : 'text');
    case 'integer':
    case 'number':
      return Math.min(schema.maximum ?? Infinity, Math.max(schema.minimum ?? 0, numbers[name] ?? 12));
    case 'boolean':
      return schema.default ?? false;
    case undefined:
    default:
      return null;
  }
}

function sampleObject(schema: JsonSchema, name: string, options: SampleOptions): unknown {
  const { properties, required, additionalProperties } = schema;
  const entries = Object.entries(properties)
    .filter(([key]) => options.fields === 'all' || required.includes(key))
    .map(([key, part]) => [key, key === 'next' ? null : sample(part, key, options)]);
  if (entries.length > 0 || typeof additionalProperties !== 'object') return Object.fromEntries(entries);
  const [key = keys[name] ?? 'name'] = schema.propertyNames?.enum?.map(String) ?? [];
  return { [key]: sample(additionalProperties, key, options) };
}

function singular(name: string): string {
  return name.replace(/s$/, '');
}

/** Text by the name of its field, where the schema has no example. */
const texts: Readonly<Record<string, string>> = {
  address: 'ada@example.com',
  agency: 'north',
  campaign: 'spring',
  city: 'Wien',
  code: 'k3x9',
  country: 'AT',
  email: 'ada@example.com',
  family: 'Chrome',
  from: '2026-11-01',
  id: 'k3x9~4hw0z1ab',
  label: 'Newsletter',
  page: '/ada',
  path: '/ada',
  referrer: 'instagram.com',
  tag: 'spring sale',
  timeZone: 'Europe/Vienna',
  secret: 'hck_…',
  title: 'Spring sale',
  token: '…',
  to: '2026-11-22',
  url: 'https://shop.example/spring',
  value: 'AT',
  zone: 'Europe/Vienna',
};

const formats: Readonly<Record<string, string>> = {
  date: '2026-11-22',
  'date-time': '2026-11-22T07:00:00Z',
  email: 'ada@example.com',
  uri: 'https://shop.example/spring',
};

const numbers: Readonly<Record<string, number>> = { views: 1240, clicks: 470, visitors: 310, received: 1802, lost: 0 };

/** Name of the one entry of a map, by the name of its field. */
const keys: Readonly<Record<string, string>> = { countryUrls: 'AT', utm: 'utm_source' };
