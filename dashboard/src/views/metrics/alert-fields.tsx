import { metricAlertLimits } from '#schemas/insights/metric-alert.ts';
import { fieldError } from '../../api/field-errors.ts';
import { SelectField, TextField } from '../../components/inputs.tsx';
import type { MetricDraft } from './metric-draft.ts';
import { periodUnits } from '#schemas/time/periods.ts';

interface AlertFieldsProps {
  draft: MetricDraft;
  set: (change: Partial<MetricDraft>) => void;
  error: Error | null;
}

/** When a metric sends an alert. */
export function AlertFields({ draft, set, error }: AlertFieldsProps) {
  const { alertWhen } = draft;
  return (
    <fieldset>
      <legend>Alert</legend>
      <div className="form-row">
        <SelectField
          label="Send an alert"
          value={alertWhen}
          onChange={(when) => set({ alertWhen: when })}
          options={[
            { value: 'never', label: 'Never' },
            { value: 'below', label: 'Below a value' },
            { value: 'above', label: 'Above a value' },
            { value: 'unusual', label: 'On unusual days' },
          ]}
          error={fieldError(error, 'alert.when')}
        />
        {(alertWhen === 'below' || alertWhen === 'above') && <ThresholdFields draft={draft} set={set} error={error} />}
      </div>
      {alertWhen !== 'never' && <p className="soft">{helpTexts[alertWhen === 'unusual' ? 'unusual' : 'threshold']}</p>}
    </fieldset>
  );
}

const recipients = 'Goes to the recipients and channels of the page’s alerts, and once more when it is over.';

const helpTexts = {
  threshold: `${recipients} Periods in which a measure of the formula has fewer than ${metricAlertLimits.events} events are not evaluated.`,
  unusual: `${recipients} A settled day is compared with the last six months, as the page’s traffic is, once two weeks are known. Measures that usually have fewer than ${metricAlertLimits.events} events a day are not evaluated.`,
} as const;

function ThresholdFields({ draft, set, error }: AlertFieldsProps) {
  const { threshold, alertPeriods, alertPeriod } = draft;
  const most = alertPeriod === 'month' ? metricAlertLimits.months : metricAlertLimits.periods;
  return (
    <>
      <TextField
        label="Threshold"
        required
        inputMode="decimal"
        type="number"
        step="any"
        value={threshold}
        onChange={(value) => set({ threshold: value })}
        error={fieldError(error, 'alert.value')}
      />
      <TextField
        label="Periods in a row"
        required
        inputMode="numeric"
        type="number"
        min={1}
        max={most}
        step={1}
        value={alertPeriods}
        onChange={(periods) => set({ alertPeriods: periods })}
        error={fieldError(error, 'alert.periods')}
      />
      <SelectField
        label="A period is"
        value={alertPeriod}
        onChange={(period) => set({ alertPeriod: period })}
        options={periodUnits.map((value) => ({ value, label: periodLabels[value] }))}
      />
    </>
  );
}

const periodLabels = { day: 'A day', week: 'A week', month: 'A month' } as const;
