import { type LogFormat, type RequestField, requestFields } from '#core/access-log/log-format.ts';
import type { Terminal } from '#cli/command.ts';
import { table } from '#cli/table.ts';
import { listedLines, type RefusedLines } from './refused-lines.ts';
import type { Survey } from './replay-log.ts';

/** Prints what a log has, and what it lacks, before anything is sent. */
export function printSurvey(terminal: Terminal, file: string, { columns, name }: LogFormat, survey: Survey): void {
  const { lines, requests, headings, refused, links } = survey;
  terminal.print(`${file}: ${name}`);
  const sum = [`${count(requests)} requests`, `${count(refused.count)} refused`, `${count(headings)} headings`];
  terminal.print(`${count(lines)} lines = ${sum.join(' + ')}; ${count(links.size)} paths`);
  if (requests > 0) {
    const rows = requestFields.map((field) => [names[field], columns[field] ?? '–', describeMissing(field, survey)]);
    terminal.print(`\n${table(['field', 'from', 'missing'], rows)}\n`);
  }
  for (const field of requestFields)
    if ((survey.missing.get(field) ?? 0) > 0 && consequences[field] !== undefined) terminal.note(consequences[field]);
  if (survey.hosts.size > 1) terminal.note(describeHosts(survey.hosts));
  printRefused(terminal, refused);
}

const names: Readonly<Record<RequestField, string>> = {
  address: 'address',
  time: 'time',
  method: 'method',
  path: 'path',
  query: 'query',
  referrer: 'referrer',
  userAgent: 'user agent',
  host: 'host',
};

const consequences: Partial<Record<RequestField, string>> = {
  userAgent:
    'without a user agent, no robot can be recognized by its name: it counts as a person unless its network or its behavior gives it away; devices and browsers are unknown, and people behind one address are one visitor',
  referrer: 'without a referrer, sources and referrer spam are unknown',
};

function describeMissing(field: RequestField, { missing, requests }: Survey): string {
  const without = missing.get(field) ?? 0;
  if (without === 0) return '';
  return without === requests ? 'in all' : `in ${count(without)} of ${count(requests)}`;
}

const shownHosts = 5;

function describeHosts(hosts: ReadonlyMap<string, number>): string {
  const most = [...hosts].sort(([, a], [, b]) => b - a).slice(0, shownHosts);
  const shown = most.map(([host, requests]) => `${host} ${count(requests)}`).join(', ');
  return `requests of ${hosts.size} hosts (${shown}${hosts.size > shownHosts ? ', …' : ''}): equal paths are one link; \`--host\` replays one of them`;
}

function printRefused(terminal: Terminal, { reasons }: RefusedLines): void {
  for (const [reason, { count: lines, first }] of reasons) {
    terminal.print(`refused: ${reason}: ${count(lines)}`);
    for (const { line, value } of first)
      terminal.print(`  line ${line}${value === undefined ? '' : `: ${JSON.stringify(value)}`}`);
    if (lines > listedLines) terminal.print(`  and ${count(lines - listedLines)} more`);
  }
}

export function count(value: number): string {
  return value.toLocaleString('en-US');
}
