import { z } from 'zod';
import { emptyToNull } from '../cells.ts';
import { codeOfAddress } from '../code-of-address.ts';
import { toKnownValue } from '../count-formats/plausible.ts';
import { readCountry } from '../countries.ts';
import type { HistoryFormat } from '../format.ts';
import type { HistoryRow, RowSink } from '../history-row.ts';
import { readMoment } from '../moments.ts';
import { type DubEvent, dubEventSchema } from '../pulls/dub.ts';
import { type PlausibleEntry, plausibleEntrySchema } from '../pulls/plausible.ts';
import { type ShlinkVisit, shlinkVisitSchema } from '../pulls/shlink.ts';
import { readTextLines } from '../text-lines.ts';

/** What pulls have read from the APIs of tools: JSON, one row a line. */
export const pulledFormats = {
  'bitly-api': pulledFormat('bitly-api', 'bitly', 'Bitly: clicks by day from its API', 'counts'),
  'dub-api': pulledFormat('dub-api', 'dub', 'Dub: clicks from its API', 'raw'),
  'shlink-api': pulledFormat('shlink-api', 'shlink', 'Shlink: visits from its API', 'raw'),
  'plausible-api': pulledFormat('plausible-api', 'plausible', 'Plausible: days from its API', 'counts'),
} as const satisfies Partial<Record<HistoryFormat['name'], HistoryFormat>>;

function pulledFormat(
  name: HistoryFormat['name'],
  tool: string,
  title: string,
  grain: HistoryFormat['grain'],
): HistoryFormat {
  return {
    name,
    tool,
    title,
    grain,
    detects: ({ text }) => text.startsWith(`{"kind":"${tool}-`),
    open: (_, sink) =>
      readTextLines((text, line) => {
        if (text !== '') readLine(text, line, sink);
      }, 'is too long'),
  };
}

const daySchema = z.object({ date: z.string(), clicks: z.int().min(0) });
const lineSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('bitly-days'), link: z.string(), value: daySchema }),
  z.object({ kind: z.literal('dub-days'), link: z.string(), value: daySchema }),
  z.object({ kind: z.literal('dub-events'), value: dubEventSchema }),
  z.object({ kind: z.literal('shlink-visits'), link: z.string(), value: shlinkVisitSchema }),
  z.object({ kind: z.literal('plausible-days'), value: plausibleEntrySchema }),
]);

function readLine(text: string, line: number, sink: RowSink): void {
  const parsed = lineSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    sink.refuse({ line, column: null, value: text.slice(0, 200), reason: 'is no row of a pull' });
    return;
  }
  const { data } = parsed;
  switch (data.kind) {
    case 'bitly-days':
    case 'dub-days': {
      const code = readCode(data.link, line, sink);
      const { date, clicks } = data.value;
      if (code !== undefined) sink.row({ grain: 'day', line, code, at: date.slice(0, 10), clicks });
      return;
    }
    case 'dub-events':
      readDubEvent(data.value, line, sink);
      return;
    case 'shlink-visits':
      readShlinkVisit(data.value, data.link, line, sink);
      return;
    case 'plausible-days':
      sink.row(toPlausibleRow(data.value, line));
      return;
    default:
      data satisfies never;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readCode(link: string, line: number, sink: RowSink): string | undefined {
  const read = codeOfAddress(link);
  if ('code' in read) return read.code;
  sink.refuse({ line, column: 'link', value: link, reason: read.reason });
  return undefined;
}

function readTime(text: string, line: number, sink: RowSink): number | undefined {
  const read = readMoment(text, undefined);
  if ('at' in read) return read.at;
  sink.refuse({ line, column: 'date', value: text, reason: read.reason });
  return undefined;
}

/** Reads what every click says: which link, and when. Refuses it and returns undefined if one of them is not to be read. */
function readClick(link: string, time: string, line: number, sink: RowSink) {
  const code = readCode(link, line, sink);
  const at = readTime(time, line, sink);
  return code === undefined || at === undefined
    ? undefined
    : ({ grain: 'raw', line, kind: 'click', at, code } as const);
}

function readDubEvent({ timestamp, click, link }: DubEvent, line: number, sink: RowSink): void {
  const read = readClick(link.shortLink, timestamp, line, sink);
  if (read === undefined) return;
  const referrer = click.refererUrl ?? click.referer ?? '';
  sink.row({
    ...read,
    nativeId: click.id,
    ...(typeof click.ua === 'string' && { userAgent: emptyToNull(click.ua) }),
    referrer: referrer === '(direct)' ? null : emptyToNull(referrer),
    country: readCountry(click.country ?? '', sink),
    region: emptyToNull(click.region ?? ''),
    city: emptyToNull(click.city ?? ''),
    device: emptyToNull(click.device ?? ''),
    browser: emptyToNull(click.browser ?? ''),
    os: emptyToNull(click.os ?? ''),
    // Dub stores no clicks of robots.
    bot: false,
  });
}

function readShlinkVisit(visit: ShlinkVisit, link: string, line: number, sink: RowSink): void {
  const read = readClick(link, visit.date, line, sink);
  if (read === undefined) return;
  const { countryCode, regionName, cityName } = visit.visitLocation ?? {};
  sink.row({
    ...read,
    userAgent: emptyToNull(visit.userAgent ?? ''),
    referrer: emptyToNull(visit.referer ?? ''),
    country: readCountry(countryCode ?? '', sink),
    region: emptyToNull(regionName ?? ''),
    city: emptyToNull(cityName ?? ''),
    ...(visit.potentialBot !== undefined && { bot: visit.potentialBot }),
  });
}

function toPlausibleRow(entry: PlausibleEntry, line: number): HistoryRow {
  const { table, date: at, value, pageviews: views, visitors, visits } = entry;
  if (table === 'days') return { grain: 'day', line, at, views, visitors, ...(visits !== null && { visits }) };
  return { grain: 'day', line, at, views, dimension: table, value: toKnownValue(value ?? '') };
}
