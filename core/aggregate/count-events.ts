import { countedDimensions, dimensions } from '#schemas/dimensions.ts';
import { conversionAttribute, type EntityHour, entityKeys } from '#schemas/counters.ts';
import type { EventColumns, TextColumn } from './event-columns.ts';
import { cellNames, cellOfLink } from './link-cells.ts';

/** Counts to add to one entity's hour, by counter name. */
export interface HourDelta extends EntityHour {
  add: Record<string, number>;
}

/**
 * Counts the events of one file per page, link and stack, and per local hour (UTC for the stack). Every row
 * is counted exactly once in the stack's item: under its type if it counts, else under its outcome.
 * @returns one delta per entity and hour, sorted by both; pure and deterministic
 */
export function countEvents(columns: EventColumns): HourDelta[] {
  const attributes = nameAttributes(columns);
  const tally = createTally(attributes.names);
  const utc = utcHours(columns.occurredAt);
  const local = withUtcFallback(columns.text.local_hour, utc);
  const deltas: HourDelta[] = [];
  function count(entity: TextColumn, hours: TextColumn, key: (value: string) => string, countRow: CountRow): void {
    const groups = groupRows(entity.codes, hours.codes, hours.values.length);
    groups.keys.forEach((group, at) => {
      const end = groups.starts[at + 1] ?? 0;
      for (let i = groups.starts[at] ?? 0; i < end; i++) countRow(groups.order[i] ?? 0);
      const add = tally.take();
      deltas.push({ entity: key(entity.values[group.entity] ?? ''), hour: hours.values[group.hour] ?? '', add });
    });
  }
  const byDimension = countDimensions(columns, attributes, tally);
  const stack: TextColumn = { codes: new Uint32Array(columns.rows).fill(1), values: [undefined, ''] };
  count(columns.text.page_path, local, entityKeys.page, countPage(columns, attributes, tally));
  count(columns.text.link_id, local, entityKeys.link, byDimension);
  count(stack, utc, () => entityKeys.stack, countOutcome(columns, attributes, tally));
  return deltas.sort(byEntityAndHour);
}

/** Adds one row's counters to the tally. */
type CountRow = (row: number) => void;

/** Counter names of one file by number, so that rows are counted by index and names are built once per item. */
interface Attributes {
  names: string[];
  views: number;
  clicks: number;
  customs: number;
  /** First number of each family: `x` by outcome code, a dimension by value code, minutes by minute. */
  outcomes: number;
  dimensions: { codes: Uint32Array; clicks: number; views: number }[];
  minuteClicks: number;
  minuteViews: number;
  linkCells: number;
  /** First numbers of conversions by kind, and of revenue by currency. */
  conversions: number;
  revenue: number;
}

function nameAttributes(columns: EventColumns): Attributes {
  const names: string[] = ['views', 'clicks', 'customs'];
  function append(more: string[]): number {
    return names.push(...more) - more.length;
  }
  function valuesAfter(prefix: string, column: TextColumn): string[] {
    return column.values.map((value) => `${prefix}${value ?? ''}`);
  }
  const outcomes = append(valuesAfter('x.', columns.text.outcome));
  const counted = countedDimensions.map((name) => {
    const { column: columnName, counter } = dimensions[name];
    const column = columns.text[columnName];
    return {
      codes: column.codes,
      clicks: append(valuesAfter(`${counter}.`, column)),
      views: append(valuesAfter(`v${counter}.`, column)),
    };
  });
  const minuteClicks = append(minuteNames('m.'));
  const minuteViews = append(minuteNames('vm.'));
  const cells = append([...cellNames]);
  const conversions = append(valuesAfter(conversionAttribute(''), columns.text.conversion));
  const revenue = append(valuesAfter(conversionAttribute(''), columns.text.currency));
  return {
    names,
    views: 0,
    clicks: 1,
    customs: 2,
    outcomes,
    dimensions: counted,
    minuteClicks,
    minuteViews,
    linkCells: cells,
    conversions,
    revenue,
  };
}

const minutesOfHour = 60;

function minuteNames(prefix: string): string[] {
  return Array.from({ length: minutesOfHour }, (_, minute) => `${prefix}${String(minute).padStart(2, '0')}`);
}

/** Counts by attribute number, reused for each item: only changed counts are cleared. */
interface Tally {
  /** @param by not 0. @default 1 */
  add: (attribute: number, by?: number) => void;
  /** Returns the counts since the last take, by name. */
  take: () => Record<string, number>;
}

function createTally(names: readonly string[]): Tally {
  const sums = new Float64Array(names.length);
  const touched: number[] = [];
  return {
    add: (attribute, by = 1) => {
      if (sums[attribute] === 0) touched.push(attribute);
      sums[attribute] = (sums[attribute] ?? 0) + by;
    },
    take: () => {
      const totals: Record<string, number> = {};
      for (const attribute of touched) {
        const name = names[attribute];
        // Twice, if sales and refunds have added up to 0 in between.
        if (name !== undefined) totals[name] = (totals[name] ?? 0) + (sums[attribute] ?? 0);
        sums[attribute] = 0;
      }
      touched.length = 0;
      return totals;
    },
  };
}

const millisecondsOfMinute = 60_000;

/** Builds a column with each row's UTC hour: `2026-11-22T07+00:00`. */
function utcHours(occurredAt: Float64Array): TextColumn {
  const millisecondsOfHour = minutesOfHour * millisecondsOfMinute;
  const values: TextColumn['values'] = [undefined];
  const numbers = new Map<number, number>();
  const codes = new Uint32Array(occurredAt.length);
  for (let row = 0; row < occurredAt.length; row++) {
    const hour = Math.floor((occurredAt[row] ?? 0) / millisecondsOfHour);
    let code = numbers.get(hour);
    if (code === undefined) {
      code = values.push(`${new Date(hour * millisecondsOfHour).toISOString().slice(0, 13)}+00:00`) - 1;
      numbers.set(hour, code);
    }
    codes[row] = code;
  }
  return { codes, values };
}

/** Uses the page's hour if enrich knew the page, else the UTC hour. */
function withUtcFallback(local: TextColumn, utc: TextColumn): TextColumn {
  if (!local.codes.includes(0)) return local;
  const firstUtc = local.values.length - 1;
  return {
    codes: local.codes.map((code, row) => (code === 0 ? firstUtc + (utc.codes[row] ?? 0) : code)),
    values: [...local.values, ...utc.values.slice(1)],
  };
}

/** Rows grouped by entity and hour: `order[starts[group] … starts[group + 1]]`. */
interface Groups {
  keys: { entity: number; hour: number }[];
  order: Uint32Array;
  starts: Uint32Array;
}

/** Sorts the rows by entity and hour with a counting sort; leaves out rows without an entity. */
function groupRows(entities: Uint32Array, hours: Uint32Array, hourCount: number): Groups {
  const groupOf = new Int32Array(entities.length).fill(-1);
  const numbers = new Map<number, number>();
  const keys: Groups['keys'] = [];
  const sizes: number[] = [];
  for (let row = 0; row < entities.length; row++) {
    const entity = entities[row] ?? 0;
    if (entity === 0) continue;
    const hour = hours[row] ?? 0;
    const key = entity * hourCount + hour;
    let group = numbers.get(key);
    if (group === undefined) {
      group = keys.push({ entity, hour }) - 1;
      numbers.set(key, group);
      sizes.push(0);
    }
    groupOf[row] = group;
    sizes[group] = (sizes[group] ?? 0) + 1;
  }
  return { keys, ...sortByGroup(groupOf, sizes) };
}

function sortByGroup(groupOf: Int32Array, sizes: readonly number[]): Omit<Groups, 'keys'> {
  const starts = new Uint32Array(sizes.length + 1);
  for (let group = 0; group < sizes.length; group++) starts[group + 1] = (starts[group] ?? 0) + (sizes[group] ?? 0);
  const next = starts.slice();
  const order = new Uint32Array(starts[sizes.length] ?? 0);
  for (let row = 0; row < groupOf.length; row++) {
    const group = groupOf[row] ?? -1;
    if (group < 0) continue;
    const position = next[group] ?? 0;
    order[position] = row;
    next[group] = position + 1;
  }
  return { order, starts };
}

/** Counts the outcome, and the dimensions of a counted click or view. */
function countDimensions(columns: EventColumns, attributes: Attributes, tally: Tally): CountRow {
  const { event_type: type, outcome } = columns.text;
  const counted = codeOf(outcome, 'counted');
  const view = codeOf(type, 'page_view');
  const custom = codeOf(type, 'custom');
  const byOutcome = countOutcome(columns, attributes, tally);
  return (row) => {
    byOutcome(row);
    if (outcome.codes[row] !== counted || type.codes[row] === custom) return;
    const isView = type.codes[row] === view;
    for (const dimension of attributes.dimensions) {
      const code = dimension.codes[row] ?? 0;
      if (code !== 0) tally.add((isView ? dimension.views : dimension.clicks) + code);
    }
  };
}

function codeOf(column: TextColumn, value: string): number {
  return column.values.indexOf(value);
}

/** Counts outcome or type only, to keep the stack's item small: every file writes it. */
function countOutcome(columns: EventColumns, attributes: Attributes, tally: Tally): CountRow {
  const { event_type: type, outcome } = columns.text;
  const counted = codeOf(outcome, 'counted');
  const byType = type.values.map((value) =>
    value === 'page_view' ? attributes.views : value === 'link_click' ? attributes.clicks : attributes.customs,
  );
  return (row) => {
    const code = outcome.codes[row] ?? 0;
    if (code === counted) tally.add(byType[type.codes[row] ?? 0] ?? attributes.customs);
    else tally.add(attributes.outcomes + code);
  };
}

/** Counts dimensions, and a counted click or view by its minute, a click also by the cell of its link. */
function countPage(columns: EventColumns, attributes: Attributes, tally: Tally): CountRow {
  const { event_type: type, outcome, local_hour: hour, link_id: link } = columns.text;
  const counted = codeOf(outcome, 'counted');
  const view = codeOf(type, 'page_view');
  const custom = codeOf(type, 'custom');
  const byDimension = countDimensions(columns, attributes, tally);
  const byConversion = countConversion(columns, attributes, tally);
  const offsets = hour.values.map((value) => (value === undefined ? 0 : offsetMinutes(value)));
  const cells = link.values.map((id) => (id === undefined ? undefined : attributes.linkCells + cellOfLink(id)));
  return (row) => {
    byDimension(row);
    if (outcome.codes[row] !== counted) return;
    if (type.codes[row] === custom) return byConversion(row);
    const utcMinute = Math.floor((columns.occurredAt[row] ?? 0) / millisecondsOfMinute);
    const local = utcMinute + (offsets[hour.codes[row] ?? 0] ?? 0);
    const minute = ((local % minutesOfHour) + minutesOfHour) % minutesOfHour;
    if (type.codes[row] === view) return tally.add(attributes.minuteViews + minute);
    tally.add(attributes.minuteClicks + minute);
    const cell = cells[link.codes[row] ?? 0];
    if (cell !== undefined) tally.add(cell);
  };
}

/** Counts a conversion by its kind, and the amount of a sale or a refund by its currency. */
function countConversion({ amount, text }: EventColumns, attributes: Attributes, tally: Tally): CountRow {
  const { conversion, currency } = text;
  const earning = conversion.values.map((kind) => kind === 'sale' || kind === 'refund');
  return (row) => {
    const kind = conversion.codes[row] ?? 0;
    if (kind === 0) return;
    tally.add(attributes.conversions + kind);
    const [code, minor] = [currency.codes[row] ?? 0, amount[row] ?? 0];
    if (earning[kind] === true && code !== 0 && minor !== 0) tally.add(attributes.revenue + code, minor);
  };
}

/** Returns a local hour's UTC offset in minutes: −30 for `…-00:30`. */
function offsetMinutes(localHour: string): number {
  const sign = localHour.at(-6) === '-' ? -1 : 1;
  return sign * (Number(localHour.slice(-5, -3)) * minutesOfHour + Number(localHour.slice(-2)));
}

/** Orders deltas, so that the same events give the same updates. */
export function byEntityAndHour(a: HourDelta, b: HourDelta): number {
  return a.entity === b.entity ? (a.hour < b.hour ? -1 : 1) : a.entity < b.entity ? -1 : 1;
}
