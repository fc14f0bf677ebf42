import { nameFinder } from './name-finder.ts';
import names from './robot-names.json' with { type: 'json' };

/** A program that says its name: one that fetches links to show a card, or an assistant that reads for a person. */
export interface NamedRobot {
  kind: 'preview' | 'assistant';
  name: string;
}

/** Returns the program that the user agent names, or undefined. Small enough for redirect's bundle. */
export function findNamedRobot(userAgent: string): NamedRobot | undefined {
  const name = nameIn(userAgent);
  return name === undefined ? undefined : { kind: assistants.has(name) ? 'assistant' : 'preview', name };
}

const nameIn = nameFinder([...names.previews, ...names.assistants]);
const assistants: ReadonlySet<string | undefined> = new Set(names.assistants.map(([name]) => name));
