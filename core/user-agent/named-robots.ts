import { nameFinder } from './name-finder.ts';
import names from './robot-names.json' with { type: 'json' };

/** A program that says its name: it fetches links to show a card, reads for a person, or tests pages. */
export interface NamedRobot {
  kind: 'preview' | 'assistant' | 'monitor';
  name: string;
}

/** Returns the program that the user agent names, or undefined. Small enough for redirect's bundle. */
export function findNamedRobot(userAgent: string): NamedRobot | undefined {
  const name = nameIn(userAgent);
  return name === undefined ? undefined : { kind: kinds.get(name) ?? 'preview', name };
}

const nameIn = nameFinder([...names.previews, ...names.assistants, ...names.monitors]);
const kinds: ReadonlyMap<string | undefined, NamedRobot['kind']> = new Map([
  ...names.assistants.map(([name]) => [name, 'assistant'] as const),
  ...names.monitors.map(([name]) => [name, 'monitor'] as const),
]);
