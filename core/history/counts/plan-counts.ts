import {
  type Counted,
  type ImportedDay,
  importedListLength,
  importedMeasures,
  type ImportedMeasure,
  type ImportedMonth,
  type ImportedTotals,
} from '#schemas/history/imported-counts.ts';
import type { CollectedDay, CollectedEntity, CollectedTotal } from './collect-counts.ts';

/** Which dates may be imported. */
export interface CutOver {
  /** Local date of the first event of its own of the link, or else of the page. */
  ownSince: string;
  /** The first date that is not imported, in place of `ownSince`. */
  until: string | undefined;
  /** Events that are counted here, by date: of single clicks that were imported. */
  counted: ReadonlyMap<string, { views: number; clicks: number }>;
  /** Local date of the page. */
  today: string;
}

/** The import, as each of its records names it. */
export interface ImportName {
  id: string;
  tool: string;
}

/** The outcome of a date's rows. */
export interface DateOutcome {
  date: string;
  /** The first of the rows. */
  line: number;
  measure: ImportedMeasure;
  rows: number;
  count: number;
  outcome: 'accepted' | 'repeated' | 'refused';
  /** Why it is refused. */
  reason?: string;
}

/**
 * Adds an import's dates to those that a month has. A number of a date belongs to one import: what another import has already
 * is repeated if it is equal, and else refused. Planning an import again gives the same month.
 */
export function planMonth(
  stored: ImportedMonth | undefined,
  { id, tool }: ImportName,
  collected: NonNullable<ReturnType<CollectedEntity['months']['get']>>,
  cutOver: CutOver,
): { month: ImportedMonth; dates: DateOutcome[] } {
  const { [id]: own, ...others } = stored?.imports ?? {};
  const days: Record<string, ImportedDay> = Object.fromEntries(
    Object.entries(own?.days ?? {}).flatMap(([day, { linkClicks, linkHours }]) =>
      linkClicks === undefined ? [] : [[day, { linkClicks, ...(linkHours && { linkHours }) }]],
    ),
  );
  const dates: DateOutcome[] = [];
  for (const [date, measures] of [...collected].toSorted(byKey))
    for (const [measure, counts] of measures) {
      const result = decideDate({ date, measure, counts }, others, cutOver);
      const { line, rows, count } = counts;
      dates.push({ date, measure, line, rows, count, ...result });
      if (result.outcome === 'accepted') days[dayOf(date)] = { ...days[dayOf(date)], [measure]: toCounted(counts) };
    }
  return { month: { imports: withImport(others, id, Object.keys(days).length > 0 && { tool, days }) }, dates };
}

/** Clicks of links on a date. */
export interface LinkClicks {
  count: number;
  /** By local hour, as far as links have hours. */
  hours: Map<string, number>;
}

/** Sets the clicks that an import has for the links of a page, by date: all those of the month. */
export function setLinkClicks(
  stored: ImportedMonth | undefined,
  { id, tool }: ImportName,
  clicks: ReadonlyMap<string, LinkClicks>,
): ImportedMonth {
  const { [id]: own, ...others } = stored?.imports ?? {};
  const days: Record<string, ImportedDay> = {};
  for (const [day, { linkClicks: _clicks, linkHours: _hours, ...rest }] of Object.entries(own?.days ?? {}))
    if (Object.keys(rest).length > 0) days[day] = rest;
  for (const [date, { count, hours }] of clicks) {
    const isComplete = sumOf(hours.values()) === count;
    days[dayOf(date)] = {
      ...days[dayOf(date)],
      linkClicks: count,
      ...(isComplete && { linkHours: Object.fromEntries([...hours].toSorted(byKey)) }),
    };
  }
  return { imports: withImport(others, id, Object.keys(days).length > 0 && { tool, days }) };
}

/** Returns the records of a month or of totals without an import; undefined if nothing is left. */
export function withoutImport<Records extends { imports: Record<string, unknown> }>(
  stored: Records,
  id: string,
): Records | undefined {
  const { [id]: _removed, ...imports } = stored.imports;
  return Object.keys(imports).length === 0 ? undefined : { ...stored, imports };
}

/** Adds the total of an import. A tool has one total of a link: an equal one is repeated, another one refused. */
export function planTotal(
  stored: ImportedTotals | undefined,
  { id, tool }: ImportName,
  { rows: _rows, line: _line, ...total }: CollectedTotal,
): { totals: ImportedTotals; result: Pick<DateOutcome, 'outcome' | 'reason'> } {
  const { [id]: own, ...others } = stored?.imports ?? {};
  const earlier = Object.entries(others).find(
    ([, record]) => record.tool === tool && record.total?.measure === total.measure,
  );
  const kept = stored ?? { imports: {} };
  // A link that was never clicked has nothing to show.
  if (total.count === 0) return { totals: kept, result: { outcome: 'accepted' } };
  if (earlier) {
    const [other, { total: before }] = earlier;
    if (before?.count === total.count) return { totals: kept, result: { outcome: 'repeated' } };
    const reason = `${tool} already has a total of ${before?.count} as of ${before?.asOf}, of import ${other}; undo that import first`;
    return { totals: kept, result: refuse(reason) };
  }
  return { totals: { imports: { ...others, [id]: { ...own, tool, total } } }, result: { outcome: 'accepted' } };
}

type Others = ImportedMonth['imports'];

function decideDate(
  { date, measure, counts }: { date: string; measure: ImportedMeasure; counts: CollectedDay },
  others: Others,
  { ownSince, until, counted, today }: CutOver,
): Pick<DateOutcome, 'outcome' | 'reason'> {
  const other = Object.entries(others).find(([, { days }]) => days[dayOf(date)]?.[measure] !== undefined);
  if (other) {
    const [id, { tool, days }] = other;
    const before = days[dayOf(date)]?.[measure]?.count;
    if (before === counts.count) return { outcome: 'repeated' };
    return refuse(
      `import ${id} (${tool}) already has ${before} ${measure} of this date, this file ${counts.count}; undo that import first`,
    );
  }
  if (date > today) return refuse('is in the future');
  if (counts.events === 'own') return refuse(`overlaps: ${measure} of this date are in this import as single events`);
  if (until !== undefined)
    return date < until ? { outcome: 'accepted' } : refuse(`is on or after ${until}, where this import ends`);
  if (date >= ownSince) return refuse(`overlaps: it is counted here since ${ownSince}`);
  const here = counted.get(date)?.[measure] ?? 0;
  if (here > 0) return refuse(`overlaps: ${here} ${measure} of this date are here already, as single events`);
  // Of imports that are not settled yet, so their number is not known.
  if (counts.events === 'others') return refuse(`overlaps: ${measure} of this date are here already, as single events`);
  return { outcome: 'accepted' };
}

function refuse(reason: string) {
  return { outcome: 'refused', reason } as const;
}

function sumOf(counts: Iterable<number>): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}

function dayOf(date: string): string {
  return date.slice(8, 10);
}

function withImport<Record_>(
  others: Record<string, Record_>,
  id: string,
  own: Record_ | false,
): Record<string, Record_> {
  return own === false ? others : { ...others, [id]: own };
}

function byKey([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

function toCounted({ count, visitors, visits, hours, lists }: CollectedDay): Counted {
  return {
    count,
    ...(visitors !== undefined && { visitors }),
    ...(visits !== undefined && { visits }),
    ...(hours.size > 0 && { hours: Object.fromEntries([...hours].toSorted(byKey)) }),
    ...(lists.size > 0 && {
      lists: Object.fromEntries([...lists].map(([list, values]) => [list, toTop(values, importedListLength)])),
    }),
  };
}

type Top = [value: string | null, count: number][];

/** Returns the most frequent values, and the sum of the others under null. */
function toTop(values: Iterable<readonly [string | null, number]>, length: number): Top {
  const sorted = [...values].toSorted(([a, one], [b, two]) => two - one || ((a ?? '') < (b ?? '') ? -1 : 1));
  const top = sorted.filter(([value]) => value !== null).slice(0, length);
  const kept = new Set(top.map(([value]) => value));
  const others = sorted.reduce((sum, [value, count]) => (value !== null && kept.has(value) ? sum : sum + count), 0);
  return [
    ...top.map(([value, count]): [string | null, number] => [value, count]),
    ...(others > 0 ? [[null, others] as [null, number]] : []),
  ];
}

/** Shortens the lists of an import's month, so that its item fits. */
export function shortenLists(month: ImportedMonth, id: string, length: number): ImportedMonth {
  const own = month.imports[id];
  if (own === undefined) return month;
  const days = Object.fromEntries(
    Object.entries(own.days).map(([day, numbers]) => {
      const short: ImportedDay = { ...numbers };
      for (const measure of importedMeasures) {
        const counted = numbers[measure];
        if (counted?.lists === undefined) continue;
        const { lists, ...others } = counted;
        const kept = Object.entries(lists).map(([list, values]) => [list, toTop(values, length)]);
        short[measure] = { ...others, ...(length > 0 && { lists: Object.fromEntries(kept) }) };
      }
      return [day, short];
    }),
  );
  return { imports: { ...month.imports, [id]: { ...own, days } } };
}
