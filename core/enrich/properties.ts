import { eventFields } from '#schemas/event.ts';

/**
 * Properties as JSON text. When it would be longer than the column holds, whole properties are left out from the first
 * one that does not fit: half a JSON text is none.
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
