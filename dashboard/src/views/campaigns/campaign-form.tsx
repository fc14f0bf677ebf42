import type { ReactNode } from 'react';
import { campaignLimits } from '#schemas/api/insights/campaigns.ts';
import { UtmFields } from '../../choosers/utm-fields.tsx';
import { fieldError } from '../../api/field-errors.ts';
import { Field, FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { Checkbox, SelectField, TextField } from '../../components/inputs.tsx';
import { useMetrics } from '../metrics/use-metrics.ts';
import { type CampaignDraft, stepOf } from './campaign-draft.ts';

interface CampaignFormProps {
  draft: CampaignDraft;
  /** Path of its page without the slash; undefined for an agency. */
  page: string | undefined;
  set: (change: Partial<CampaignDraft>) => void;
  /** `Add campaign` */
  action: string;
  saving: { isPending: boolean; error: Error | null };
  onSubmit: () => void;
  /** Further buttons. */
  actions?: ReactNode;
}

/** The fields of a campaign. */
export function CampaignForm({ draft, page, set, action, saving, onSubmit, actions }: CampaignFormProps) {
  const { error } = saving;
  const part = { draft, set, error };
  return (
    <Form onSubmit={onSubmit}>
      <Basics {...part} />
      <Money {...part} />
      {page !== undefined && <MetricField {...part} page={page} />}
      <details open={Object.values(draft.utm).some((value) => value !== '') || undefined}>
        <summary>UTM parameters of new links</summary>
        <div className="form">
          <UtmFields value={draft.utm} onChange={(utm) => set({ utm })} />
          <p className="soft">Links that have this campaign when they are created get them.</p>
        </div>
      </details>
      <Field label="Note" error={fieldError(error, 'note')}>
        {(control) => (
          <textarea
            {...control}
            rows={3}
            maxLength={campaignLimits.note}
            value={draft.note}
            onChange={({ target }) => set({ note: target.value })}
          />
        )}
      </Field>
      <Checkbox
        label="Public page: anyone with its address sees clicks, visitors, the metric, links, sources, countries and devices"
        checked={draft.isPublic}
        onChange={(isPublic) => set({ isPublic })}
      />
      <FormError error={error} fields={shownErrors} />
      <div className="form-actions">
        <button type="submit" className="primary" disabled={saving.isPending}>
          {saving.isPending ? 'Saving…' : action}
        </button>
        {actions}
      </div>
    </Form>
  );
}

const shownErrors = [
  'name',
  'label',
  'from',
  'to',
  'budget.minor',
  'budget.currency',
  'goal.of',
  'goal.target',
  'metric',
  'note',
] as const;

type PartProps = Pick<CampaignFormProps, 'draft' | 'set'> & { error: Error | null };

function Basics({ draft, set, error }: PartProps) {
  return (
    <>
      <TextField
        label="Name"
        error={fieldError(error, 'name')}
        maxLength={campaignLimits.name}
        required
        value={draft.name}
        onChange={(name) => set({ name })}
      />
      <TextField
        label="Label of its links"
        help="The field Campaign of a link. Links that have it already belong to the campaign."
        error={fieldError(error, 'label')}
        maxLength={campaignLimits.label}
        required
        autoCapitalize="off"
        value={draft.label}
        onChange={(label) => set({ label })}
      />
      <div className="form-row">
        <TextField
          label="First day"
          error={fieldError(error, 'from')}
          type="date"
          required
          value={draft.from}
          onChange={(from) => set({ from })}
        />
        <TextField
          label="Last day"
          error={fieldError(error, 'to')}
          type="date"
          required
          min={draft.from}
          value={draft.to}
          onChange={(to) => set({ to })}
        />
      </div>
    </>
  );
}

/** A metric of the page as the campaign's main number; nothing where the page has none. */
function MetricField({ draft, set, error, page }: PartProps & { page: string }) {
  const metrics = useMetrics(page).data ?? [];
  if (metrics.length === 0) return null;
  return (
    <SelectField
      label="Main number"
      help="A metric of the page, for the campaign’s clicks and the visits that they brought."
      options={[
        { value: '', label: 'Clicks' },
        ...metrics.map(({ id, name }) => ({ value: id, label: name })),
        ...(draft.metric === '' || metrics.some(({ id }) => id === draft.metric)
          ? []
          : [{ value: draft.metric, label: 'A deleted metric' }]),
      ]}
      value={draft.metric}
      onChange={(metric) =>
        set({
          metric,
          format: metrics.find(({ id }) => id === metric) ?? null,
          ...(metric === '' && draft.goalOf === 'metric' && { goalOf: 'none' }),
        })
      }
      error={fieldError(error, 'metric')}
    />
  );
}

const goals = [
  { value: 'none', label: 'No goal' },
  { value: 'clicks', label: 'Clicks' },
  { value: 'conversions', label: 'Conversions' },
  { value: 'metric', label: 'The main number' },
] as const;

function describeUnit({ unit, currency }: NonNullable<CampaignDraft['format']>): string {
  switch (unit) {
    case 'percent':
      return 'In percent.';
    case 'money':
      return `In ${currency ?? 'its currency'}.`;
    case 'seconds':
      return 'In seconds.';
    case 'count':
    case 'ratio':
      return 'As the metric counts.';
    default:
      return unit satisfies never;
  }
}

const targetLabels = {
  clicks: 'Clicks to reach',
  conversions: 'Conversions to reach',
  metric: 'Value to reach',
} as const;

function Money({ draft, set, error }: PartProps) {
  return (
    <>
      <div className="form-row">
        <TextField
          label="Budget"
          help="For the cost of a click."
          error={fieldError(error, 'budget.minor')}
          type="number"
          inputMode="decimal"
          min={0}
          step={stepOf(draft.currency)}
          value={draft.amount}
          onChange={(amount) => set({ amount })}
        />
        <TextField
          label="Currency"
          error={fieldError(error, 'budget.currency')}
          pattern="[A-Za-z]{3}"
          maxLength={3}
          required={draft.amount !== ''}
          value={draft.currency}
          onChange={(currency) => set({ currency: currency.toUpperCase() })}
        />
      </div>
      <div className="form-row">
        <SelectField
          label="Goal"
          options={goals.filter(({ value }) => value !== 'metric' || draft.metric !== '')}
          value={draft.goalOf}
          onChange={(goalOf) => set({ goalOf })}
          error={fieldError(error, 'goal.of')}
        />
        {draft.goalOf !== 'none' && (
          <TextField
            label={targetLabels[draft.goalOf]}
            help={draft.goalOf === 'metric' && draft.format !== null && describeUnit(draft.format)}
            error={fieldError(error, 'goal.target')}
            type="number"
            inputMode={draft.goalOf === 'metric' ? 'decimal' : 'numeric'}
            min={draft.goalOf === 'metric' ? 0.0001 : 1}
            step={draft.goalOf === 'metric' ? 'any' : 1}
            max={campaignLimits.goal}
            required
            value={draft.target}
            onChange={(target) => set({ target })}
          />
        )}
      </div>
    </>
  );
}
