import { type FormulaProblem, parseFormula } from '#core/metrics/formula.ts';
import { fromShown, toShown } from '#core/metrics/shown.ts';
import type { MetricAlert, MetricUnit } from '#schemas/insights/metric-alert.ts';
import {
  isMetricColumn,
  type Measure,
  type MeasureKind,
  metricLimits,
  type MetricGoal,
  type MetricOperator,
  type MetricView,
  type NewMetric,
  propertyPrefix,
  takesProperty,
} from '#schemas/insights/metrics.ts';
import type { PeriodUnit } from '#schemas/time/periods.ts';

export interface FilterDraft {
  /** A column, or `property` for the property that is named. */
  field: string;
  property: string;
  operator: MetricOperator;
  /** One value a line. */
  values: string;
}

export interface MeasureDraft {
  name: string;
  of: MeasureKind;
  property: string;
  filters: readonly FilterDraft[];
}

export interface MetricDraft {
  name: string;
  unit: MetricUnit;
  currency: string;
  decimals: number;
  measures: readonly MeasureDraft[];
  formula: string;
  /** As it is shown; empty for no goal. */
  target: string;
  period: PeriodUnit;
  at: MetricGoal['at'];
  alertWhen: MetricAlert['when'] | 'never';
  /** As it is shown. */
  threshold: string;
  alertPeriod: PeriodUnit;
  alertPeriods: string;
}

export const newFilter: FilterDraft = { field: 'country', property: '', operator: 'is', values: '' };

/** The field that stands for a property. */
export const propertyField = 'property';

/** Returns a measure with the first free letter as its name. */
export function newMeasure(measures: readonly MeasureDraft[]): MeasureDraft {
  const name = Array.from('abcdefghij').find((letter) => measures.every((measure) => measure.name !== letter)) ?? '';
  return { name, of: 'clicks', property: '', filters: [] };
}

/** Returns the fields of a metric; for a new one, those of a useful example. */
export function toDraft(metric: MetricView | undefined): MetricDraft {
  if (metric === undefined) return example;
  const { name, unit, currency, decimals, measures, formula, goal, alert } = metric;
  return {
    name,
    unit,
    currency: currency ?? '',
    decimals,
    measures: Object.entries(measures).map(([measure, { of, property, filters }]) => ({
      name: measure,
      of,
      property: property ?? '',
      filters: filters.map(({ field, operator, values }) => ({
        ...(isMetricColumn(field)
          ? { field, property: '' }
          : { field: propertyField, property: field.slice(propertyPrefix.length) }),
        operator,
        values: values.join('\n'),
      })),
    })),
    formula,
    target: goal === null ? '' : String(toShown(goal.target, { unit, currency })),
    period: goal?.period ?? 'month',
    at: goal?.at ?? 'least',
    alertWhen: alert?.when ?? 'never',
    threshold: alert === null || alert.when === 'unusual' ? '' : String(toShown(alert.value, { unit, currency })),
    alertPeriod: alert?.period ?? 'day',
    alertPeriods: String(alert?.periods ?? 1),
  };
}

const example: MetricDraft = {
  name: '',
  unit: 'percent',
  currency: '',
  decimals: 1,
  measures: [
    { name: 'a', of: 'clicks', property: '', filters: [] },
    { name: 'b', of: 'views', property: '', filters: [] },
  ],
  formula: 'a / b',
  target: '',
  period: 'month',
  at: 'least',
  alertWhen: 'never',
  threshold: '',
  alertPeriod: 'day',
  alertPeriods: '1',
};

/** Returns the request, as far as the API checks it. */
export function toRequest(draft: MetricDraft): NewMetric {
  const { unit, decimals, formula, target, period, at } = draft;
  const currency = unit === 'money' ? draft.currency.trim().toUpperCase() : null;
  return {
    name: draft.name.trim(),
    unit,
    currency,
    decimals,
    measures: Object.fromEntries(draft.measures.map((measure) => [measure.name.trim(), toMeasure(measure)])),
    formula,
    alert: toAlert(draft, { unit, currency }),
    goal: target.trim() === '' ? null : { target: fromShown(Number(target), { unit, currency }), period, at },
  };
}

function toAlert(
  { alertWhen: when, threshold, alertPeriod: period, alertPeriods }: MetricDraft,
  format: Pick<NewMetric, 'unit' | 'currency'>,
): MetricAlert | null {
  if (when === 'never') return null;
  if (when === 'unusual') return { when, period: 'day', periods: 1 };
  return { when, value: fromShown(Number(threshold), format), period, periods: Number(alertPeriods) };
}

function toMeasure({ of, property, filters }: MeasureDraft): Measure {
  const name = property.trim();
  return {
    of,
    property: takesProperty(of) && name !== '' ? name : null,
    filters: filters.map((filter) => ({
      field: filter.field === propertyField ? propertyPrefix + filter.property.trim() : filter.field,
      operator: filter.operator,
      values: filter.values.split('\n').map((value) => value.replace(/\r$/, '')),
    })),
  };
}

/** Returns what is wrong with the formula, and where. */
export function checkFormula({
  formula,
  measures,
}: Pick<MetricDraft, 'formula' | 'measures'>): FormulaProblem | undefined {
  const parsed = parseFormula(
    formula,
    measures.map(({ name }) => name.trim()),
  );
  return parsed.ok ? undefined : parsed.problem;
}

export function canAddMeasure({ measures }: MetricDraft): boolean {
  return measures.length < metricLimits.measures;
}
