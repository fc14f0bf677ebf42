import { eventFields } from '#schemas/event.ts';

/**
 * Formats properties as JSON. If the text would exceed the column's limit, drops the first property that does not fit
 * and all after it, so that the text stays valid JSON.
 */
export function propertiesText(properties: Record<string, unknown> | null): string | null {
  if (!properties) return null;
  const whole = JSON.stringify(properties);
  if (whole.length <= eventFields.properties.limit) return whole;
  const parts: string[] = [];
  let length = 2;
  for (const [name, value] of Object.entries(properties)) {
    const part = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
    length += part.length + 1;
    if (length > eventFields.properties.limit) break;
    parts.push(part);
  }
  return `{${parts.join(',')}}`;
}
