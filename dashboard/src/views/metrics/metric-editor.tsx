import { useMutation } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { formatMetric } from '#core/metrics/format-metric.ts';
import type { FormulaProblem } from '#core/metrics/formula.ts';
import {
  metricLimits,
  type MetricPreview,
  metricPreviewSchema,
  type MetricView,
  metricViewSchema,
  type NewMetric,
  usualDecimals,
} from '#schemas/insights/metrics.ts';
import { metricUnits } from '#schemas/insights/metric-alert.ts';
import { useApi } from '../../api/context.tsx';
import { fieldError } from '../../api/field-errors.ts';
import { useApiMutation } from '../../api/lists.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { SelectField, TextField } from '../../components/inputs.tsx';
import { plural } from '../../format/numbers.ts';
import { formatDates } from '../../format/times.ts';
import { AlertFields } from './alert-fields.tsx';
import { MeasureFields } from './measure-fields.tsx';
import { canAddMeasure, checkFormula, type MetricDraft, newMeasure, toDraft, toRequest } from './metric-draft.ts';
import { periodNames, unitNames } from './metric-words.ts';
import { periodUnits } from '#schemas/time/periods.ts';

interface MetricEditorProps {
  page: string;
  /** Undefined for a new metric. */
  stored: MetricView | undefined;
  onClose: () => void;
}

const fields = ['name', 'unit', 'currency', 'decimals', 'formula', 'goal', 'alert', 'measures'];

/** Defines a metric: what it measures, the formula, which is checked as it is typed, a goal and an alert. It can be previewed with its price. */
export default function MetricEditor({ page, stored, onClose }: MetricEditorProps) {
  const [draft, setDraft] = useState<MetricDraft>(() => toDraft(stored));
  const api = useApi();
  const preview = useMutation({
    mutationFn: (json: NewMetric) =>
      api.send('post', '/pages/:page/metrics/preview', metricPreviewSchema, { param: { page }, json }),
  });
  const save = useApiMutation((client, json: NewMetric) =>
    stored === undefined
      ? client.send('post', '/pages/:page/metrics', metricViewSchema, { param: { page }, json })
      : client.send('put', '/pages/:page/metrics/:id', metricViewSchema, { param: { page, id: stored.id }, json }),
  );
  const remove = useApiMutation((client, id: string) =>
    client.remove('/pages/:page/metrics/:id', { param: { page, id } }),
  );
  const error = save.error ?? preview.error;
  const problem = checkFormula(draft);
  function set(change: Partial<MetricDraft>): void {
    setDraft({ ...draft, ...change });
    preview.reset();
    save.reset();
  }
  return (
    <Dialog title={stored === undefined ? 'New metric' : `Edit ${stored.name}`} wide onClose={onClose}>
      <Form onSubmit={() => save.mutate(toRequest(draft), { onSuccess: onClose })}>
        <TextField
          label="Name"
          required
          maxLength={metricLimits.name}
          value={draft.name}
          onChange={(name) => set({ name })}
          error={fieldError(error, 'name')}
        />
        <UnitFields draft={draft} set={set} error={error} />
        <fieldset className="measures">
          <legend>Measures</legend>
          {draft.measures.map((measure, at) => (
            <MeasureFields
              key={at}
              measure={measure}
              error={fieldError(error, `measures.${measure.name}`)}
              onChange={(changed) => set({ measures: draft.measures.with(at, changed) })}
              {...(draft.measures.length > 1 && {
                onRemove: () => set({ measures: draft.measures.toSpliced(at, 1) }),
              })}
            />
          ))}
          <button
            type="button"
            className="quiet small"
            disabled={!canAddMeasure(draft)}
            onClick={() => set({ measures: [...draft.measures, newMeasure(draft.measures)] })}
          >
            Add measure
          </button>
        </fieldset>
        <FormulaField draft={draft} set={set} problem={problem} error={fieldError(error, 'formula')} />
        <GoalFields draft={draft} set={set} error={error} />
        <AlertFields draft={draft} set={set} error={error} />
        {stored !== undefined && (
          <p className="soft">
            Other measures, formula or unit begin version {stored.version + 1}: its history is computed when the next
            hour settles.
          </p>
        )}
        {preview.data && <Preview preview={preview.data} draft={draft} />}
        <FormError error={error ?? remove.error} fields={fields} />
        <div className="form-actions">
          <button type="submit" className="primary" disabled={save.isPending || problem !== undefined}>
            Save metric
          </button>
          <button
            type="button"
            className="quiet"
            disabled={preview.isPending || problem !== undefined}
            onClick={() => preview.mutate(toRequest({ ...draft, name: draft.name || 'Preview' }))}
          >
            {preview.isPending ? 'Computing…' : 'Preview 28 days'}
          </button>
          {stored !== undefined && (
            <button
              type="button"
              className="quiet danger"
              disabled={remove.isPending}
              onClick={() => remove.mutate(stored.id, { onSuccess: onClose })}
            >
              Delete metric
            </button>
          )}
        </div>
      </Form>
    </Dialog>
  );
}

interface PartProps {
  draft: MetricDraft;
  set: (change: Partial<MetricDraft>) => void;
  error: Error | null;
}

function UnitFields({ draft, set, error }: PartProps) {
  return (
    <div className="form-row">
      <SelectField
        label="Unit"
        value={draft.unit}
        onChange={(unit) => set({ unit, decimals: usualDecimals[unit] })}
        options={metricUnits.map((value) => ({ value, label: unitNames[value] }))}
        error={fieldError(error, 'unit')}
        help={draft.unit === 'percent' ? 'A ratio, shown times 100.' : undefined}
      />
      {draft.unit === 'money' ? (
        <TextField
          label="Currency"
          required
          maxLength={3}
          placeholder="EUR"
          value={draft.currency}
          onChange={(currency) => set({ currency })}
          error={fieldError(error, 'currency')}
          help="Measures are in its smallest unit. Other currencies are ignored, and counted."
        />
      ) : (
        <SelectField
          label="Decimals"
          value={draft.decimals}
          onChange={(decimals) => set({ decimals })}
          options={[0, 1, 2].map((value) => ({ value, label: String(value) }))}
        />
      )}
    </div>
  );
}

interface FormulaFieldProps extends Omit<PartProps, 'error'> {
  problem: FormulaProblem | undefined;
  error: string | undefined;
}

/** The formula, and below it where it is wrong. */
function FormulaField({ draft: { formula }, set, problem, error }: FormulaFieldProps) {
  const id = useId();
  const message = problem === undefined ? error : describeProblem(problem);
  return (
    <div className="field">
      <label htmlFor={id}>Formula</label>
      <input
        id={id}
        className="code"
        required
        spellCheck={false}
        autoCapitalize="none"
        autoComplete="off"
        maxLength={metricLimits.formula}
        aria-invalid={message === undefined ? undefined : true}
        aria-describedby={`${id}-help ${id}-error`}
        value={formula}
        onChange={({ target }) => set({ formula: target.value })}
      />
      {problem !== undefined && formula !== '' && (
        <code className="formula-error" aria-hidden="true">
          {formula.slice(0, problem.at)}
          <mark>{formula.slice(problem.at, problem.at + 1).trim() || '␣'}</mark>
          {formula.slice(problem.at + 1)}
        </code>
      )}
      <span className="error" id={`${id}-error`} aria-live="polite">
        {message}
      </span>
      <span className="help" id={`${id}-help`}>
        Numbers, names of measures, + − * / and parentheses. A division by zero is unknown, not 0. A range is computed
        from its sums, never as a mean of days.
      </span>
    </div>
  );
}

function describeProblem({ at, message }: FormulaProblem): string {
  return `Character ${at + 1}: expected ${message.replaceAll('`', '')}.`;
}

function GoalFields({ draft, set, error }: PartProps) {
  return (
    <div className="form-row">
      <SelectField
        label="Goal"
        value={draft.at}
        onChange={(at) => set({ at })}
        options={[
          { value: 'least', label: 'At least' },
          { value: 'most', label: 'At most' },
        ]}
      />
      <TextField
        label="Target (optional)"
        inputMode="decimal"
        type="number"
        min={0}
        step="any"
        value={draft.target}
        onChange={(target) => set({ target })}
        error={fieldError(error, 'goal')}
      />
      <SelectField
        label="Period"
        value={draft.period}
        onChange={(period) => set({ period })}
        options={periodUnits.map((value) => ({ value, label: periodNames[value] }))}
      />
    </div>
  );
}

/** What the definition gives for the last days, and what it costs. */
function Preview({
  preview: { source, from, to, total, rows, cost },
  draft,
}: {
  preview: MetricPreview;
  draft: MetricDraft;
}) {
  const known = rows.filter(({ value }) => value !== null).length;
  return (
    <div className="metric-preview" role="status">
      <p>
        <b>{total.error === 'overflow' ? 'Too large to be exact' : formatMetric(total.value, toRequest(draft))}</b>{' '}
        {formatDates(from, to)}, with a value on {plural(known, 'day')}
        {total.ignored > 0 && `; ${plural(total.ignored, 'event')} ignored`}
      </p>
      <p className="soft">
        {source === 'counters'
          ? 'Live, from counters. It costs nothing.'
          : `From stored events, up to the last settled hour. This preview cost ${formatDollars(cost.preview)}; the history costs at most ${formatDollars(cost.history)}, then ${formatDollars(cost.month)} a month at most.`}
      </p>
    </div>
  );
}

/** `$0.0032`, `less than $0.0001` */
function formatDollars(value: number): string {
  if (value > 0 && value < 0.0001) return 'less than $0.0001';
  return new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', maximumSignificantDigits: 2 }).format(value);
}
