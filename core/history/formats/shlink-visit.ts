import { emptyToNull, readFlag } from '../cells.ts';
import { codeOfAddress } from '../code-of-address.ts';
import { readCountry } from '../countries.ts';
import type { CsvRow } from '../csv-reading.ts';
import type { RowSink } from '../history-row.ts';
import { readMoment } from '../moments.ts';

type Column = 'date' | 'userAgent' | 'referrer' | 'country' | 'region' | 'city' | 'bot' | 'url';

interface Options {
  zone: string | undefined;
  /** What is wrong with another word about robots. */
  allowedBot: string;
}

/** Reads a visit of Shlink, whose files differ in the names of their columns. */
export function readShlinkVisit(row: CsvRow<Column>, { zone, allowedBot }: Options, sink: RowSink): void {
  const at = readMoment(row.cell('date'), zone);
  if ('reason' in at) return row.refuse('date', at.reason);
  const code = codeOfAddress(row.cell('url'));
  if ('reason' in code) return row.refuse('url', code.reason);
  const bot = readFlag(row.cell('bot'));
  if (bot === 'invalid') return row.refuse('bot', allowedBot);
  return sink.row({
    grain: 'raw',
    line: row.line,
    kind: 'click',
    at: at.at,
    code: code.code,
    userAgent: emptyToNull(row.cell('userAgent')),
    referrer: emptyToNull(row.cell('referrer')),
    country: readCountry(row.cell('country'), sink),
    region: emptyToNull(row.cell('region')),
    city: emptyToNull(row.cell('city')),
    ...(bot !== undefined && { bot }),
  });
}
