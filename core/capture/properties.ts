import { collectLimits } from '#schemas/collect-event.ts';

type Value = string | number | boolean | null;

export interface KeptProperties {
  properties: Record<string, Value>;
  /** Properties that were shortened or left out. */
  cut: number;
}

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
    const key = name.slice(0, collectLimits.propertyName).toWellFormed();
    const text = typeof value === 'string' ? value.slice(0, collectLimits.propertyText).toWellFormed() : value;
    const length = JSON.stringify(key).length + JSON.stringify(text).length + 2;
    if (
      names >= collectLimits.properties ||
      size + length > collectLimits.propertiesText ||
      Object.hasOwn(properties, key)
    ) {
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
      for (const [inner, each] of Object.entries(value)) walk(`${name}.${inner}`, each, level + 1);
    else keep(name, leafOf(value));
  }
  for (const [name, value] of Object.entries(given)) walk(name, value, 1);
  return { properties, cut };
}

function isNested(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function leafOf(value: unknown): Value {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null)
    return value;
  return value === undefined ? null : JSON.stringify(value);
}
