import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventFieldsMarkdown } from '#schemas/event.ts';

const path = fileURLToPath(new URL('../../docs/events.md', import.meta.url));
const between = /(<!-- fields -->\n)[^]*(<!-- \/fields -->)/;

if (import.meta.main) writeFileSync(path, eventsDoc().current);

/** `docs/events.md` as it is, and as the field table says it should be. */
export function eventsDoc(): { present: string; current: string } {
  const present = readFileSync(path, 'utf8');
  return {
    present,
    current: present.replace(between, (_, start, end) => `${start}\n${eventFieldsMarkdown()}\n\n${end}`),
  };
}
