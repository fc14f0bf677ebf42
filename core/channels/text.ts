import { cut } from '#core/cut.ts';
import { isolated } from '#core/mails/words.ts';
import type { ChannelMessage } from './message.ts';

/** Longest line of a message before it is escaped. */
const longestLine = 500;

/** Returns the heading, with the title isolated, so that one from right to left does not reorder what follows. */
export function headingOf({ title, headline }: ChannelMessage, limit: number): string {
  const longest = Math.max(0, limit - headline.length - ': '.length - 2);
  return `${isolated(cut(title, longest) ?? '')}: ${headline}`;
}

/** Joins as many whole lines as fit into `limit` characters, escaped. The dashboard has the rest. */
export function joinLines(lines: readonly string[], limit: number, escape = (line: string) => line): string {
  let text = '';
  for (const line of lines) {
    const next = `${text === '' ? '' : '\n'}${escape(cut(line, longestLine) ?? '')}`;
    if (text.length + next.length > limit - 2) return `${text}\n…`;
    text += next;
  }
  return text;
}

/** Escapes what HTML and Slack take for markup. */
export function escapeMarkup(text: string): string {
  return text.replace(/[&<>]/g, (sign) => entities[sign] ?? sign);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Completes the heading and the lines in each service. */
export const linkText = 'Open the dashboard';
