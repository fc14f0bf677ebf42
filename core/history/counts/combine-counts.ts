import {
  type Counted,
  type ImportedDay,
  type ImportedList,
  importedMeasures,
  type ImportedMeasure,
  type ImportedMonth,
  type ImportedTotals,
} from '#schemas/history/imported-counts.ts';

/** The imported counts of an entity on a local date. Null: no import has the number. */
export interface CombinedDay {
  date: string;
  views: number | null;
  clicks: number | null;
  visitors: number | null;
  /** Views and clicks by local hour (`2026-11-22T07+01:00`), if the file has hours. */
  hours: { hour: string; views: number; clicks: number }[];
  lists: { list: ImportedList; measure: ImportedMeasure; value: string | null; count: number }[];
  /** Names of the tools whose numbers they are. */
  tools: string[];
}

/**
 * Returns the dates of a month with imported counts, in order. The clicks of a page are those that an import has for the page as
 * a whole; else those of its links, of all imports.
 */
export function combineMonth(month: string, { imports }: ImportedMonth): CombinedDay[] {
  const days = new Set(Object.values(imports).flatMap((record) => Object.keys(record.days)));
  return [...days].toSorted().map((day) => {
    const date = `${month}-${day}`;
    const parts = Object.values(imports).flatMap(({ tool, days: { [day]: numbers } }) =>
      numbers === undefined ? [] : [{ tool, numbers }],
    );
    return combineDay(date, parts);
  });
}

interface Part {
  tool: string;
  numbers: ImportedDay;
}

function combineDay(date: string, parts: readonly Part[]): CombinedDay {
  const found = importedMeasures.flatMap((measure) =>
    parts.flatMap(({ tool, numbers: { [measure]: counted } }) => (counted ? [{ tool, measure, counted }] : [])),
  );
  const isWhole = found.some(({ measure }) => measure === 'clicks');
  const ofLinks = isWhole ? [] : parts.filter(({ numbers }) => numbers.linkClicks !== undefined);
  function sum(measure: ImportedMeasure): number | null {
    const own = found.filter((each) => each.measure === measure).map(({ counted }) => counted.count);
    const counts = measure === 'clicks' ? [...own, ...ofLinks.map(({ numbers }) => numbers.linkClicks ?? 0)] : own;
    return counts.length === 0 ? null : counts.reduce((total, each) => total + each, 0);
  }
  return {
    date,
    views: sum('views'),
    clicks: sum('clicks'),
    visitors: found.find(({ counted }) => counted.visitors !== undefined)?.counted.visitors ?? null,
    hours: combineHours(date, [
      ...found.map(({ measure, counted }) => ({ measure, hours: counted.hours })),
      ...(ofLinks.every(({ numbers }) => numbers.linkHours) ? ofLinks : []).map(({ numbers }) => ({
        measure: 'clicks' as const,
        hours: numbers.linkHours,
      })),
    ]),
    lists: found.flatMap(({ measure, counted }) => toRows(measure, counted)),
    tools: [...new Set([...found, ...ofLinks].map(({ tool }) => tool))],
  };
}

function combineHours(
  date: string,
  parts: readonly { measure: ImportedMeasure; hours: Counted['hours'] | undefined }[],
): CombinedDay['hours'] {
  const hours = new Map<string, { views: number; clicks: number }>();
  for (const part of parts)
    for (const [hour, count] of Object.entries(part.hours ?? {})) {
      const sums = hours.get(hour) ?? { views: 0, clicks: 0 };
      sums[part.measure] += count;
      hours.set(hour, sums);
    }
  return [...hours]
    .map(([hour, sums]) => ({ hour: `${date}T${hour}`, ...sums }))
    .toSorted((a, b) => startOf(a.hour) - startOf(b.hour));
}

function startOf(hour: string): number {
  return Date.parse(`${hour.slice(0, 13)}:00:00${hour.slice(13)}`);
}

function toRows(measure: ImportedMeasure, { lists = {} }: Counted): CombinedDay['lists'] {
  return Object.entries(lists).flatMap(([list, values]) =>
    values.map(([value, count]) => ({ list: list as ImportedList, measure, value, count })),
  );
}

/** What a tool had counted when it was left. */
export interface BeforeTotal {
  tool: string;
  measure: ImportedMeasure;
  count: number;
  visitors: number | null;
  asOf: string;
  /** Null: all since the beginning. */
  from: string | null;
  to: string | null;
  /** Of how many links it is the sum; null for a total of the page or link itself. */
  links: number | null;
}

/** Returns the totals of an entity, the largest first. Those of a page's links are added up by tool. */
export function combineTotals({ imports }: ImportedTotals): BeforeTotal[] {
  const own = Object.values(imports).flatMap(({ tool, total }): BeforeTotal[] =>
    total
      ? [
          {
            tool,
            measure: total.measure,
            count: total.count,
            visitors: total.visitors ?? null,
            asOf: total.asOf,
            from: total.from ?? null,
            to: total.to ?? null,
            links: null,
          },
        ]
      : [],
  );
  const ofLinks = new Map<string, BeforeTotal>();
  for (const { tool, links } of Object.values(imports)) {
    if (links === undefined) continue;
    const sum = ofLinks.get(tool);
    ofLinks.set(tool, {
      tool,
      measure: 'clicks',
      visitors: null,
      from: null,
      to: null,
      count: (sum?.count ?? 0) + links.clicks,
      links: (sum?.links ?? 0) + links.links,
      asOf: sum && sum.asOf > links.asOf ? sum.asOf : links.asOf,
    });
  }
  return [...own, ...ofLinks.values()].toSorted((a, b) => b.count - a.count || (a.tool < b.tool ? -1 : 1));
}
