import { z } from 'zod';
import { decimalsOf } from '#core/money.ts';
import { addDays } from '#core/ledger/time-range.ts';
import { addMeasures, countSum, type MeasureSum, type MeasureSums, sumDecimals } from '#core/metrics/measures.ts';
import campaignMetricSql from '#queries/reports/campaign-metric.sql' with { type: 'text' };
import metricDaysSql from '#queries/settle/metric-days.sql' with { type: 'text' };
import { type Dimension, dimensionNames, dimensions } from '#schemas/dimensions.ts';
import {
  columnOfField,
  isMetricColumn,
  type Measure,
  type MetricFilter,
  type MetricVersion,
  propertyPrefix,
  takesProperty,
} from '#schemas/insights/metrics.ts';
import type { Athena, QueryOptions } from './athena.ts';
import { column, defineQuery } from './query.ts';
import { literalOf, type Parameter, parameter } from './query-parameters.ts';

/** A metric whose measures are read from the lake. */
export type LakeMetric = Pick<MetricVersion, 'version' | 'measures' | 'currency'> & { page: string; id: string };

/** Measures of a page's local date, by the name of metric and version: `01K…@2`. */
export interface LakeDay {
  page: string;
  date: string;
  metrics: Readonly<Record<string, MeasureSums>>;
}

export interface MetricRead {
  days: LakeDay[];
  /** What the queries scanned, and its price. */
  bytes: number;
  dollars: number;
}

/** Returns the name of a metric's version among the measures of a day. */
export function metricKey({ id, version }: { id: string; version: number }): string {
  return `${id}@${version}`;
}

/** Adds up the measures of a metric over all days; undefined without any. */
export function sumDays(days: readonly LakeDay[], metric: Pick<LakeMetric, 'id' | 'version'>): MeasureSums | undefined {
  const key = metricKey(metric);
  const sums = days.map(({ metrics }) => metrics[key]).filter((each) => each !== undefined);
  return sums.length === 0 ? undefined : addMeasures(sums);
}

/** Local dates, and the label of a campaign to whose events the measures are limited. */
export interface MetricRange {
  from: string;
  to: string;
  /** @default - all events */
  campaign?: string;
}

/**
 * Reads measures of metrics of any pages by local date, with one query for as many of them as fit. A page without counted events
 * on a date has no row there.
 * @throws {QueryFailed}
 */
export async function readMetricDays(
  athena: Pick<Athena, 'rows'>,
  metrics: readonly LakeMetric[],
  { from, to, campaign }: MetricRange,
  options?: QueryOptions,
): Promise<MetricRead> {
  const days = new Map<string, LakeDay>();
  let [bytes, dollars] = [0, 0];
  for (const batch of batchesOf(metrics.flatMap(listMeasures))) {
    const values = {
      first_dt: addDays(from, -1),
      last_dt: addDays(to, 1),
      from,
      to,
      pages: [...new Set(batch.map(({ page }) => page))],
      conditions: batch,
      sums: batch,
    };
    const { rows, report } =
      campaign === undefined
        ? await athena.rows(metricDays, values, options)
        : await athena.rows(campaignMetric, { ...values, label: campaign }, options);
    bytes += report.bytes;
    dollars += report.dollars;
    for (const row of rows) addRow(days, batch, row);
  }
  return { days: [...days.values()], bytes, dollars };
}

interface NamedMeasure {
  page: string;
  /** Name of the metric and its version. */
  metric: string;
  name: string;
  measure: Measure;
  currency: string | null;
}

function listMeasures({ page, measures, currency, ...metric }: LakeMetric): NamedMeasure[] {
  return Object.entries(measures).map(([name, measure]) => ({
    page,
    metric: metricKey(metric),
    name,
    measure,
    currency,
  }));
}

/** A query has at most 256 KB: the conditions, the sums, and names of pages. */
const longestConditions = 120_000;
const mostMeasures = 240;

function batchesOf(measures: readonly NamedMeasure[]): NamedMeasure[][] {
  const batches: NamedMeasure[][] = [];
  let length = 0;
  for (const measure of measures) {
    const added = conditionOf(measure).length;
    const last = batches.at(-1);
    if (last && last.length < mostMeasures && length + added <= longestConditions) {
      last.push(measure);
      length += added;
    } else {
      batches.push([measure]);
      length = added;
    }
  }
  return batches;
}

function addRow(
  days: Map<string, LakeDay>,
  batch: readonly NamedMeasure[],
  row: { page_path: string; local_date: string; measures: string },
): void {
  const key = `${row.local_date} ${row.page_path}`;
  const sums = row.measures.split(';');
  const found: Record<string, MeasureSums> = { ...days.get(key)?.metrics };
  batch.forEach(({ page, metric, name, measure }, at) => {
    if (page === row.page_path) found[metric] = { ...found[metric], [name]: parseSum(measure, sums[at] ?? '') };
  });
  days.set(key, { page: row.page_path, date: row.local_date, metrics: found });
}

function parseSum({ of }: Measure, text: string): MeasureSum {
  const [sum = 0, numbers = 0, matching = 0] = text.split(' ').map(Number);
  return takesProperty(of) ? { sum, numbers, ignored: matching - numbers } : countSum(sum);
}

/** Columns `c0`, `n0`, …: whether an event is one of a measure, and its number. */
const conditions: Parameter<NamedMeasure[]> = {
  kind: 'measures',
  schema: z.array(z.custom<NamedMeasure>()).min(1),
  render: (measures) =>
    measures
      .map((measure, at) => {
        const number = takesProperty(measure.measure.of) ? `, ${numberOf(measure)} AS n${at}` : '';
        return `(${conditionOf(measure)}) AS c${at}${number}`;
      })
      .join(', '),
  bind: unbound,
};

/** The measures of a group as one text. */
const sums: Parameter<NamedMeasure[]> = {
  ...conditions,
  render: (measures) => measures.map(({ measure }, at) => sumOf(measure, at)).join(` || ';' || `),
};

function unbound(): never {
  throw new TypeError('measures are part of a SELECT');
}

const { date, members, text } = parameter;
const parameters = { first_dt: date, last_dt: date, from: date, to: date, pages: members, conditions, sums };
const row = z.object({ page_path: column.text, local_date: column.text, measures: column.text });
export const metricDays = defineQuery({ name: 'metric-days', sql: metricDaysSql, parameters, row });
export const campaignMetric = defineQuery({
  name: 'campaign-metric',
  sql: campaignMetricSql,
  parameters: { ...parameters, label: text },
  row,
});

function conditionOf({ page, measure }: NamedMeasure): string {
  const { of, filters } = measure;
  const type = typeOf(of);
  return [
    `page_path = ${literalOf(page)}`,
    ...(type === undefined ? [] : [`event_type = '${type}'`]),
    ...(isRevenue(measure) ? [`conversion IN ('sale', 'refund')`] : []),
    ...filters.map((filter) => `(${matchOf(filter)})`),
  ].join(' AND ');
}

/** Amounts are revenue, as everywhere, unless the measure names its events: carts have amounts, too. */
function isRevenue({ of, property, filters }: Measure): boolean {
  return takesProperty(of) && property === null && !filters.some(({ field }) => field === 'event');
}

function typeOf(of: Measure['of']): string | undefined {
  switch (of) {
    case 'clicks':
      return 'link_click';
    case 'views':
      return 'page_view';
    case 'events':
    case 'sum':
    case 'average':
      return 'custom';
    case 'visitors':
    case 'sessions':
      return undefined;
    default:
      return of satisfies never;
  }
}

/** As filters of statistics match, in `query-parameters.ts`. */
function matchOf({ field, operator, values: given }: MetricFilter): string {
  const [first = '', ...more] = textsOf(field);
  const values = given.map((value) => normalizeOf(field)(value));
  // No link has the tag.
  if (values.length === 0) return operator === 'is-not' ? 'TRUE' : 'FALSE';
  const literals = values.map(literalOf).join(', ');
  const isOneOf = [`coalesce(${first}, '')`, ...more].map((text) => `${text} IN (${literals})`).join(' OR ');
  switch (operator) {
    case 'is':
      return isOneOf;
    case 'is-not':
      return `NOT coalesce(${isOneOf}, FALSE)`;
    case 'starts-with':
      return [first, ...more]
        .flatMap((text) => values.map((start) => `strpos(${text}, ${literalOf(start)}) = 1`))
        .join(' OR ');
    default:
      return operator satisfies never;
  }
}

function normalizeOf(field: string): (value: string) => string {
  const name = dimensionNames.find((each) => each === field);
  const { normalize = String }: Partial<Dimension> = name === undefined ? {} : dimensions[name];
  return normalize;
}

/** SQL expressions of the texts that a field may equal. @throws {TypeError} for a tag, which events do not have */
function textsOf(field: string): string[] {
  if (field === 'tag') throw new TypeError('a filter by tag must be one by links');
  if (!isMetricColumn(field)) return [propertyText(field.slice(propertyPrefix.length))];
  const name = dimensionNames.find((each) => each === field);
  const { alsoMatches = [] }: Partial<Dimension> = name === undefined ? {} : dimensions[name];
  return [columnOfField(field), ...alsoMatches];
}

function propertyText(name: string): string {
  return `json_extract_scalar(properties, ${pathOf(name)})`;
}

/** Names of properties have no quotes and no backslashes. */
function pathOf(name: string): string {
  return literalOf(`$["${name}"]`);
}

/** Larger numbers are not exact; without this, a sum of them could fail, and with it the query. */
const largest = '9007199254740992';

/** Returns a decimal of an event, or NULL: JSON texts are in quotes, so only JSON numbers are numbers. */
function numberOf({ measure: { property }, currency }: NamedMeasure): string {
  if (property === null)
    return `CASE WHEN currency = ${literalOf(currency ?? '')} THEN ${decimalOf('value_minor')} END`;
  const number = `TRY_CAST(json_format(json_extract(properties, ${pathOf(property)})) AS double)`;
  if (currency === null) return decimalOf(number);
  const minor = `round(${decimalOf(number)} * DECIMAL '${10 ** decimalsOf(currency)}')`;
  return `CASE WHEN coalesce(currency, ${literalOf(currency)}) = ${literalOf(currency)} THEN ${minor} END`;
}

function decimalOf(number: string): string {
  return `CASE WHEN abs(${number}) <= ${largest} THEN CAST(${number} AS decimal(22, ${sumDecimals})) END`;
}

function sumOf({ of }: Measure, at: number): string {
  switch (of) {
    case 'clicks':
    case 'views':
    case 'events':
      return textOf(`count_if(c${at})`);
    case 'visitors':
      return textOf(`count(DISTINCT CASE WHEN c${at} THEN visitor_id END)`);
    case 'sessions':
      return textOf(`count(DISTINCT CASE WHEN c${at} THEN session_id END)`);
    case 'sum':
    case 'average': {
      const sum = `coalesce(sum(CASE WHEN c${at} THEN CAST(n${at} AS decimal(38, ${sumDecimals})) END), 0)`;
      const numbers = `count(CASE WHEN c${at} THEN n${at} END)`;
      return [sum, numbers, `count_if(c${at})`].map(textOf).join(` || ' ' || `);
    }
    default:
      return of satisfies never;
  }
}

function textOf(number: string): string {
  return `CAST(${number} AS varchar)`;
}
