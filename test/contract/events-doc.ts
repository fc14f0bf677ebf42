import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dimensionsMarkdown } from '#schemas/dimensions.ts';
import { eventFieldsMarkdown } from '#schemas/event.ts';

const path = fileURLToPath(new URL('../../docs/events.md', import.meta.url));
const tables = { fields: eventFieldsMarkdown, dimensions: dimensionsMarkdown } as const;

if (import.meta.main) writeFileSync(path, eventsDoc().current);

/** Returns docs/events.md as it is, and with the tables of the contract. */
export function eventsDoc(): { present: string; current: string } {
  const present = readFileSync(path, 'utf8');
  let current = present;
  for (const [name, table] of Object.entries(tables)) {
    const between = new RegExp(`(<!-- ${name} -->\\n)[^]*(<!-- /${name} -->)`);
    if (!between.test(current)) throw new Error(`docs/events.md has no section ${name}`);
    current = current.replace(between, (_, start, end) => `${start}\n${table()}\n\n${end}`);
  }
  return { present, current };
}
