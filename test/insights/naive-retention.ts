import type { EventMatch } from '#schemas/api/insights/retention.ts';
import type { EventRow } from '#schemas/event.ts';
import type { PeriodUnit } from '#schemas/time/periods.ts';

/** A second implementation of retention, by the words of its definition, to compare with. */
export interface NaiveOptions {
  by: PeriodUnit;
  mode: 'first' | 'each';
  unbounded: boolean;
  start: EventMatch;
  back: EventMatch;
  cohorts: readonly string[];
  periods: number;
  /** The last closed and the present period. */
  closed: string;
  present: string;
}

/** Returns the size of each cohort, and who came back by period after it; undefined for those to come. */
export function naiveRetention(rows: readonly EventRow[], options: NaiveOptions) {
  const counted = rows.filter(({ outcome, consented_id }) => outcome === 'counted' && consented_id !== null);
  const people = new Set(counted.map((row) => personOf(rows, row.consented_id ?? '')));
  return options.cohorts.map((cohort) => {
    const members = [...people].filter((person) => isIn(person, cohort));
    const cells = Array.from({ length: options.periods }, (_, at) => {
      const target = step(cohort, at + 1, options.by);
      if (target > options.present) return undefined;
      return members.filter((person) => {
        const periods = periodsOf(person, options.back).filter((period) => period > cohort);
        if (options.unbounded && target <= options.closed)
          return periods.some((period) => period >= target && period <= options.closed);
        return periods.includes(target);
      }).length;
    });
    return { size: members.length, cells };
  });

  function isIn(person: string, cohort: string): boolean {
    const periods = periodsOf(person, options.start).toSorted();
    return options.mode === 'first' ? periods[0] === cohort : periods.includes(cohort);
  }
  function periodsOf(person: string, match: EventMatch): string[] {
    return counted
      .filter((row) => personOf(rows, row.consented_id ?? '') === person && matches(row, match))
      .map((row) => start(row.local_date ?? '', options.by));
  }
}

function matches(row: EventRow, { type, name }: EventMatch): boolean {
  return (type === undefined || row.event_type === type) && (name === undefined || row.event_name === name);
}

/** Follows an id to the one person that it names, and once more. */
function personOf(rows: readonly EventRow[], id: string): string {
  return followed(rows, followed(rows, id) ?? id) ?? followed(rows, id) ?? id;
}

function followed(rows: readonly EventRow[], id: string): string | undefined {
  const persons = new Set(rows.filter((row) => row.anonymous_id === id).map((row) => row.consented_id));
  return persons.size === 1 ? ([...persons][0] ?? undefined) : undefined;
}

function start(date: string, by: PeriodUnit): string {
  const day = new Date(`${date}T00:00:00Z`);
  if (by === 'month') day.setUTCDate(1);
  if (by === 'week') while (day.getUTCDay() !== 1) day.setUTCDate(day.getUTCDate() - 1);
  return day.toISOString().slice(0, 10);
}

function step(period: string, count: number, by: PeriodUnit): string {
  const day = new Date(`${period}T00:00:00Z`);
  if (by === 'month') day.setUTCMonth(day.getUTCMonth() + count);
  else day.setUTCDate(day.getUTCDate() + count * (by === 'week' ? 7 : 1));
  return day.toISOString().slice(0, 10);
}
