import { z } from 'zod';
import type { LedgerExamples, ledgerExamplesQuerySchema } from '#schemas/api/ledger.ts';
import { StoreUnavailable } from '#stores/errors.ts';
import { readProgress } from './progress.ts';
import { toLakeRequest } from './read-filtered.ts';
import type { ReportDeps } from './reports.ts';
import { parseRange } from './parse-range.ts';
import { readRuleName } from '#core/settle/rules.ts';
import type { ReportSubject } from './subject.ts';

type Query = z.output<typeof ledgerExamplesQuerySchema>;

/** Reads what the settled events of one outcome have in common. While the lake is unavailable, the list is empty with an error. */
export async function readExamples(deps: ReportDeps, subject: ReportSubject, query: Query): Promise<LedgerExamples> {
  const now = deps.now();
  const range = parseRange({ from: query.from, to: query.to, interval: 'day' }, subject.zone, now);
  const { from, to } = toLakeRequest(subject, range, []);
  const progress = await readProgress(deps.stats, now);
  const { freshness, errors } = progress;
  const sources = { examples: { source: 'lake', asOf: new Date(now).toISOString(), stale: false } } as const;
  try {
    return { rows: await readRows(deps, subject.name, query, from, to), sources, freshness, errors };
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error;
    const failed = { part: 'examples', message: 'Temporarily unavailable.' };
    return { rows: [], sources: {}, freshness, errors: [...errors, failed] };
  }
}

type Rows = LedgerExamples['rows'];

async function readRows({ lake }: ReportDeps, page: string, query: Query, from: string, to: string) {
  const found = await lake.examples({ page, link: query.link, outcome: query.outcome, from, to });
  return found.map((row): Rows[number] => ({
    rule: readRuleName(row.outcome_rule),
    family: row.bot_name ?? row.browser,
    bot: row.bot_name,
    country: row.country,
    referrer: row.referrer_host,
    requested: row.requested === null ? null : parseRequested(row.requested),
    lastHour: row.last_hour ?? '',
    events: row.events,
  }));
}

const requestedSchema = z.object({ requested: z.string() });

/** Returns the path in the properties of an event that found no link. */
function parseRequested(properties: string): string | null {
  return requestedSchema.safeParse(JSON.parse(properties)).data?.requested ?? null;
}
