import { redactEmails } from '#core/edge/visitor-text.ts';
import { collectLimits } from '#schemas/collect-event.ts';

type Value = string | number | boolean | null;

export interface KeptProperties {
  properties: Record<string, Value>;
  /** Properties that were shortened or left out. */
  cut: number;
}

/** Characters of a name that are kept for those below it: more than a name has, so that addresses are seen whole. */
const prefixLimit = 256;

/** Levels of nested objects that are flattened; what is deeper stays JSON. */
const depth = 3;

/**
 * Flattens properties: `{ cart: { items: 2 } }` becomes `cart.items`, an array becomes its JSON. What exceeds the limits of
 * an event is cut and counted, and never fails the event: an SDK would send it again, or drop the whole batch.
 */
export function keepProperties(given: Readonly<Record<string, unknown>>): KeptProperties {
  const properties: Record<string, Value> = {};
  let cut = 0;
  let names = 0;
  let size = 2;
  function keep(name: string, value: Value): void {
    if (names >= collectLimits.properties) {
      cut += 1;
      return;
    }
    const key = cutText(name, collectLimits.propertyName);
    const text = typeof value === 'string' ? cutText(value, collectLimits.propertyText) : value;
    const length = JSON.stringify(key).length + JSON.stringify(text).length + 2;
    if (size + length > collectLimits.propertiesText || Object.hasOwn(properties, key)) {
      cut += 1;
      return;
    }
    names += 1;
    size += length;
    if (key !== name || text !== value) cut += 1;
    Object.defineProperty(properties, key, { value: text, enumerable: true, writable: true, configurable: true });
  }
  function walk(name: string, value: unknown, level: number): void {
    if (isNested(value) && level < depth && Object.keys(value).length > 0)
      // A long name would be copied for each name below it.
      for (const [inner, each] of Object.entries(value))
        walk(`${name.slice(0, prefixLimit)}.${inner}`, each, level + 1);
    else keep(name, leafOf(value));
  }
  for (const [name, value] of Object.entries(given)) walk(name, value, 1);
  return { properties, cut };
}

/** Redacts before it cuts, or half an address could stay at the end. */
function cutText(text: string, limit: number): string {
  return redactEmails(text).slice(0, limit).toWellFormed();
}

function isNested(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function leafOf(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
    return value;
  return value === undefined ? null : JSON.stringify(value);
}
