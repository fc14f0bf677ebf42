import type { CollectedDay, CollectedEntity, CollectedTotal } from '#core/history/counts/collect-counts.ts';
import {
  type CutOver,
  type DateOutcome,
  type ImportName,
  type LinkClicks,
  planMonth,
  planTotal,
  setLinkClicks,
  withoutImport,
} from '#core/history/counts/plan-counts.ts';
import { laterDate } from '#core/ledger/time-range.ts';
import { entityKeys } from '#schemas/counters.ts';
import type { ImportedMonth, ImportedTotals } from '#schemas/history/imported-counts.ts';
import type { ImportedCountsWriter } from '#stores/counters/imported-counts.ts';
import { forEachConcurrently } from '#stores/dynamodb/rounds.ts';

export interface CountsDependencies {
  counts: ImportedCountsWriter;
  /** Returns the settled views and clicks of an entity by local date, both dates included. */
  countedDays: (entity: string, first: string, last: string) => Promise<CutOver['counted']>;
}

export interface CountsRequest extends ImportName {
  page: string;
  /** By code of the link as the file has it; the page as a whole under the empty name. */
  entities: ReadonlyMap<string, CollectedEntity>;
  /** The page's links by code. Other codes are skipped. */
  links: ReadonlyMap<string, LinkToImport>;
  /** Local date of the first view or custom event of its own of the page. */
  ownSince: string;
  /** The first date that is not imported, whatever there is already. */
  until: string | undefined;
  /** Local date of the page. */
  today: string;
  /** Decides, and writes nothing. */
  dryRun: boolean;
}

export interface LinkToImport {
  id: string;
  /** Local date of its first click that no import has brought. */
  ownSince: string;
}

/** The outcome of a date's rows, or of a total where `date` is null. */
export interface CountsOutcome extends Omit<DateOutcome, 'date'> {
  /** Null for the page as a whole. */
  code: string | null;
  date: string | null;
}

/** Months and totals that are read and written at the same time. */
const concurrency = 64;

/**
 * Writes the counts of an import. Every write is the same when it is repeated, so a run that died is just run again. Which links
 * are written to is stored before, so that any part can be undone.
 * @throws {StoreUnavailable}
 */
export async function importCounts(deps: CountsDependencies, request: CountsRequest): Promise<CountsOutcome[]> {
  const { counts } = deps;
  const { dryRun, entities, links } = request;
  const page = entityKeys.page(request.page);
  const codes = [...entities.keys()].filter((code) => links.has(code)).toSorted();
  if (!dryRun)
    await counts.putLinks(
      page,
      request.id,
      codes.flatMap((code) => links.get(code)?.id ?? []),
    );
  const ofLinks = new Map<string, CountsOutcome[]>();
  const linkClicks: ClicksOfLinks = new Map();
  const linkTotals: LinkTotals = { links: 0, clicks: 0, asOf: '' };
  await forEachConcurrently(codes, concurrency, async (code) => {
    const [collected, link] = [entities.get(code), links.get(code)];
    if (collected === undefined || link === undefined) return;
    const { ownSince } = link;
    const found = await writeEntity(deps, request, { entity: entityKeys.link(link.id), ownSince, code, collected });
    ofLinks.set(code, found);
    for (const { date, outcome, count, measure } of found) {
      if (outcome !== 'accepted' || measure !== 'clicks') continue;
      if (date === null) {
        linkTotals.links += count > 0 ? 1 : 0;
        linkTotals.clicks += count;
        linkTotals.asOf = laterDate(linkTotals.asOf, collected.total?.asOf ?? '');
      } else addTo(linkClicks, date, collected.months.get(date.slice(0, 7))?.get(date)?.get('clicks'));
    }
  });
  const whole = entities.get('') ?? { months: new Map(), total: undefined };
  const { ownSince } = request;
  const ofPage = await writeEntity(deps, request, { entity: page, ownSince, code: null, collected: whole, linkClicks });
  // In the order of their codes, so that two reports of a file are the same.
  const outcomes = [...codes.flatMap((code) => ofLinks.get(code) ?? []), ...ofPage];
  if (!dryRun) await counts.changeTotals(page, (stored) => setPage(stored, request, outcomes, linkTotals));
  return outcomes;
}

/** By month and date. */
type ClicksOfLinks = Map<string, Map<string, LinkClicks>>;

interface EntityToWrite {
  entity: string;
  ownSince: string;
  code: string | null;
  collected: CollectedEntity;
  /** Of a page: clicks of its links. */
  linkClicks?: ClicksOfLinks;
}

/** Writes the months and the total of a page or a link. */
async function writeEntity(
  deps: CountsDependencies,
  request: CountsRequest,
  { entity, ownSince, code, collected, linkClicks = new Map() }: EntityToWrite,
): Promise<CountsOutcome[]> {
  const { months, total } = collected;
  const { until, today } = request;
  const counted = await readCounted(deps, entity, [...months.keys()].toSorted());
  const cutOver: CutOver = { ownSince, until, counted, today };
  const outcomes: CountsOutcome[] = [];
  for (const month of [...new Set([...months.keys(), ...linkClicks.keys()])].toSorted()) {
    const dates: MonthDates = months.get(month) ?? new Map();
    const ofLinks = linkClicks.get(month);
    const written = await writeMonth(deps.counts, request, { entity, month, dates, ofLinks, cutOver });
    outcomes.push(...written.map((each) => ({ ...each, code })));
  }
  if (total) outcomes.push({ ...(await writeTotal(deps.counts, request, entity, total)), code });
  return outcomes;
}

async function readCounted(
  { countedDays }: CountsDependencies,
  entity: string,
  months: readonly string[],
): Promise<CutOver['counted']> {
  const [first] = months;
  return first === undefined ? new Map() : countedDays(entity, `${first}-01`, `${months.at(-1) ?? first}-31`);
}

type MonthDates = NonNullable<ReturnType<CollectedEntity['months']['get']>>;

interface MonthToWrite {
  entity: string;
  month: string;
  dates: MonthDates;
  /** Of a page: clicks of its links by date. */
  ofLinks: ReadonlyMap<string, LinkClicks> | undefined;
  cutOver: CutOver;
}

async function writeMonth(
  counts: ImportedCountsWriter,
  request: CountsRequest,
  { entity, month, dates, ofLinks, cutOver }: MonthToWrite,
): Promise<DateOutcome[]> {
  let outcomes: DateOutcome[] = [];
  function plan(stored: ImportedMonth | undefined): ImportedMonth | undefined {
    const planned = planMonth(stored, request, dates, cutOver);
    outcomes = planned.dates;
    const next = ofLinks ? setLinkClicks(planned.month, request, ofLinks) : planned.month;
    return Object.keys(next.imports).length === 0 ? undefined : next;
  }
  if (request.dryRun) plan(await counts.readMonth(entity, month));
  else await counts.changeMonth(entity, month, request.id, plan);
  return outcomes;
}

async function writeTotal(
  counts: ImportedCountsWriter,
  request: CountsRequest,
  entity: string,
  total: CollectedTotal,
): Promise<Omit<CountsOutcome, 'code'>> {
  const { line, rows, count, measure } = total;
  let result: ReturnType<typeof planTotal>['result'] = { outcome: 'accepted' };
  function plan(stored: ImportedTotals | undefined): ImportedTotals | undefined {
    const planned = planTotal(stored, request, total);
    result = planned.result;
    return Object.keys(planned.totals.imports).length === 0 ? undefined : planned.totals;
  }
  if (request.dryRun) plan(await counts.readTotals(entity));
  else await counts.changeTotals(entity, plan);
  return { date: null, line, rows, count, measure, ...result };
}

interface LinkTotals {
  links: number;
  clicks: number;
  asOf: string;
}

/** Sets what a page has of the import: totals of its links, and its first and last date. */
function setPage(
  stored: ImportedTotals | undefined,
  { id, tool }: CountsRequest,
  outcomes: readonly CountsOutcome[],
  links: LinkTotals,
): ImportedTotals | undefined {
  const { total } = stored?.imports[id] ?? {};
  const dates = outcomes
    .flatMap(({ outcome, date }) => (outcome === 'accepted' && date !== null ? [date] : []))
    .toSorted();
  const [first] = dates;
  const others = stored && withoutImport(stored, id);
  if (total === undefined && first === undefined && links.links === 0) return others;
  const own = {
    tool,
    ...(total && { total }),
    ...(links.links > 0 && { links }),
    ...(first !== undefined && { dates: { first, last: dates.at(-1) ?? first } }),
  };
  return { imports: { ...others?.imports, [id]: own } };
}

function addTo(clicks: ClicksOfLinks, date: string, day: CollectedDay | undefined): void {
  if (day === undefined) return;
  const month = clicks.get(date.slice(0, 7)) ?? new Map<string, LinkClicks>();
  const sum = month.get(date) ?? { count: 0, hours: new Map<string, number>() };
  sum.count += day.count;
  for (const [hour, count] of day.hours) sum.hours.set(hour, (sum.hours.get(hour) ?? 0) + count);
  month.set(date, sum);
  clicks.set(date.slice(0, 7), month);
}

/**
 * Removes what an import has written: afterwards, everything is as it was before it.
 * @throws {StoreUnavailable}
 */
export async function undoCounts(
  counts: ImportedCountsWriter,
  { page, id }: { page: string; id: string },
): Promise<void> {
  const entity = entityKeys.page(page);
  const links = await counts.readLinks(entity, id);
  async function clear(each: string): Promise<void> {
    for (const month of await counts.listMonths(each))
      await counts.changeMonth(each, month, id, (stored) => stored && withoutImport(stored, id));
    await counts.changeTotals(each, (stored) => stored && withoutImport(stored, id));
  }
  await forEachConcurrently([...links.map(entityKeys.link), entity], concurrency, clear);
  await counts.deleteLinks(entity, id);
}
