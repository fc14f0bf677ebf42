import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import { codeOfAddress } from '../code-of-address.ts';
import type { HistoryFormat } from '../format.ts';
import type { RowSink } from '../history-row.ts';
import { readMoment } from '../moments.ts';
import { toUtcHour } from './count-cells.ts';
import { isRecord, readWholeJson } from './whole-json.ts';

/**
 * Clicks of links by day or hour, as Bitly's API returns them: one response, or an array of responses. Source:
 * docs/imports.md#bitly.
 */
export const bitlyClicks: HistoryFormat = {
  name: 'bitly-clicks',
  tool: 'bitly',
  title: 'clicks of a link from the API of Bitly (JSON)',
  grain: 'counts',
  detects: ({ text }) => /^\s*[[{]/.test(text) && text.includes('"link_clicks"'),
  open: ({ file }, sink) =>
    readWholeJson((value) => {
      let number = 0;
      for (const response of Array.isArray(value) ? value : [value])
        number = readResponse(response, { file, number, isAlone: !Array.isArray(value) }, sink);
    }),
};

interface Place {
  file: string;
  /** Records before it. */
  number: number;
  isAlone: boolean;
}

/** @returns the number of records so far */
function readResponse(response: unknown, { file, number, isAlone }: Place, sink: RowSink): number {
  if (!isRecord(response) || !Array.isArray(response['link_clicks']))
    throw new UnreadableFile('a response has no list `link_clicks`');
  const grain = grainOf(response['unit']);
  const address = addressOf(response) ?? (isAlone ? file.replace(/\.json$/i, '').replace(/^.*\.[a-z]+[_-]/i, '') : '');
  const code = codeOfAddress(address);
  let line = number;
  for (const entry of response['link_clicks'] as unknown[]) {
    line += 1;
    const { date, clicks } = isRecord(entry) ? entry : {};
    if ('reason' in code) {
      const reason = `${code.reason}; name the file after the link (\`3xYz.json\`), or add \`"bitlink"\` to the response`;
      sink.refuse({ line, column: 'bitlink', value: address, reason });
    } else if (typeof clicks !== 'number') sink.refuse(refusal(line, 'clicks', clicks, 'must be a number'));
    else readEntry({ line, code: code.code, date, clicks }, grain, sink);
  }
  return line;
}

interface Entry {
  line: number;
  code: string;
  date: unknown;
  clicks: number;
}

function readEntry({ line, code, date, clicks }: Entry, grain: 'day' | 'hour', sink: RowSink): void {
  const moment = typeof date === 'string' ? readMoment(date, undefined) : { reason: 'must be a time' };
  if ('reason' in moment || typeof date !== 'string') {
    sink.refuse(refusal(line, 'date', date, 'reason' in moment ? moment.reason : 'must be a time'));
    return;
  }
  // A day is one of the account's zone, whose offset the time has.
  const at = grain === 'day' ? date.slice(0, 10) : toUtcHour(moment.at);
  sink.row({ grain, line, code, at, clicks, ...(grain === 'hour' && { adds: true }) });
}

function refusal(line: number, column: string, value: unknown, reason: string) {
  return { line, column, value: JSON.stringify(value) ?? null, reason };
}

/** @throws {UnreadableFile} for weeks and months, which are no days */
function grainOf(unit: unknown): 'day' | 'hour' {
  if (unit === undefined || unit === 'day') return 'day';
  if (unit === 'hour' || unit === 'minute') return 'hour';
  throw new UnreadableFile(
    `the counts are of a ${JSON.stringify(unit).slice(0, 20)}; request them with \`unit=day\` or \`unit=hour\``,
  );
}

function addressOf(response: Record<string, unknown>): string | undefined {
  return ['bitlink', 'link', 'id'].map((name) => response[name]).find((value) => typeof value === 'string');
}
