import type { CampaignChange, CampaignView } from '#schemas/api/insights/campaigns.ts';
import { type UtmColumn, utmColumns } from '#schemas/campaign-parameters.ts';
import { recordOf } from '#schemas/dimensions.ts';
import { fromShown, toShown } from '#core/metrics/shown.ts';
import type { MetricView } from '#schemas/insights/metrics.ts';
import { decimalsOf, formatAmount, readCurrency, readMoney } from '#core/money.ts';

/** What the form of a campaign holds, as text. */
export interface CampaignDraft {
  name: string;
  label: string;
  from: string;
  to: string;
  amount: string;
  currency: string;
  goalOf: 'none' | NonNullable<CampaignView['goal']>['of'];
  target: string;
  /** Id of a metric; empty for none. */
  metric: string;
  /** Unit of the metric, in which `target` is typed; null without one. */
  format: Pick<MetricView, 'unit' | 'currency'> | null;
  note: string;
  isPublic: boolean;
  utm: Record<UtmColumn, string>;
  /** Parameters that the form does not show. */
  others: Record<string, string>;
}

export function emptyDraft(today: string, inDays: string): CampaignDraft {
  return {
    name: '',
    label: '',
    from: today,
    to: inDays,
    amount: '',
    currency: 'EUR',
    goalOf: 'none',
    target: '',
    metric: '',
    format: null,
    note: '',
    isPublic: false,
    utm: recordOf(utmColumns, () => ''),
    others: {},
  };
}

/** @param format of its metric; null without one */
export function toDraft(campaign: CampaignView, format: CampaignDraft['format']): CampaignDraft {
  const { name, label, from, to, budget, goal, metric, note, utm } = campaign;
  const shown = new Set<string>(utmColumns);
  return {
    name,
    label,
    from,
    to,
    amount: budget === null ? '' : formatAmount(budget),
    currency: budget?.currency ?? 'EUR',
    goalOf: goal?.of ?? 'none',
    target: goal === null ? '' : String(goal.of === 'metric' && format ? toShown(goal.target, format) : goal.target),
    metric: metric ?? '',
    format,
    note,
    isPublic: campaign.public,
    utm: recordOf(utmColumns, (column) => utm[column] ?? ''),
    others: Object.fromEntries(Object.entries(utm).filter(([parameter]) => !shown.has(parameter))),
  };
}

/** Returns the request of a draft. The API refuses an amount or a currency that cannot be read. */
export function toChange(draft: CampaignDraft): CampaignChange {
  const { name, label, from, to, amount, currency, goalOf, metric, note, isPublic, utm, others } = draft;
  const set = Object.entries(utm).filter(([, value]) => value.trim() !== '');
  return {
    name,
    label,
    from,
    to,
    budget: amount.trim() === '' ? null : (readMoney(amount, currency) ?? unreadable(currency)),
    goal: goalOf === 'none' ? null : { of: goalOf, target: readTarget(draft) },
    metric: metric === '' ? null : metric,
    note,
    public: isPublic,
    utm: { ...others, ...Object.fromEntries(set) },
  };
}

/** Returns the target in the unit of what is to be reached. */
function readTarget({ goalOf, target, format }: CampaignDraft): number {
  return goalOf === 'metric' && format ? fromShown(Number(target), format) : Number(target);
}

/** An amount that the API refuses, naming the field that is wrong. */
function unreadable(currency: string): CampaignChange['budget'] {
  return { minor: readCurrency(currency) === undefined ? 0 : -1, currency };
}

/** `0.01` of EUR, `1` of JPY: the step of an amount's field. */
export function stepOf(currency: string): string {
  const decimals = decimalsOf(currency);
  return decimals === 0 ? '1' : `0.${'1'.padStart(decimals, '0')}`;
}
