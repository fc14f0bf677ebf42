import { useState } from 'react';
import { alertMethods, sensitivities } from '#schemas/alerts.ts';
import type { PageSettings } from '#schemas/api/pages.ts';
import { fieldError } from '../../api/field-errors.ts';
import { Field } from '../../components/field.tsx';
import { Checkbox, SelectField } from '../../components/inputs.tsx';
import { formatLongDate } from '../../format/times.ts';
import { Backtest } from '../alerts/backtest.tsx';
import { SectionForm, type SectionProps } from './section-form.tsx';

type PageAlerts = PageSettings['alerts'];

interface AlertFieldProps {
  alerts: PageAlerts;
  set: (change: Partial<PageAlerts>) => void;
}

/** What raises an alert, with a backtest of the settings as edited. */
export function AlertSettings(props: SectionProps) {
  return (
    <SectionForm title="Alerts" what="alert settings" fields={['alerts.badDays']} {...props}>
      {({ settings: { alerts }, setAlerts: set, error }) => (
        <>
          <Checkbox
            label="Turn on alerts for this page"
            checked={alerts.enabled}
            onChange={(enabled) => set({ enabled })}
          />
          <Method alerts={alerts} set={set} />
          <Sensitivity alerts={alerts} set={set} />
          <ExcludedDays alerts={alerts} set={set} error={fieldError(error, 'alerts.badDays')} />
          <Backtest page={props.page} alerts={alerts} />
        </>
      )}
    </SectionForm>
  );
}

const methods: Readonly<Record<PageAlerts['method'], { name: string; description: string }>> = {
  default: {
    name: 'Statistical',
    description: 'Compares each day with its weekday’s usual level. Small numbers need a larger change.',
  },
  classic: {
    name: 'Classic rules',
    description:
      'Alerts below half or above double the 14-day average, from 100 views per day, and when the click-through rate changes by half.',
  },
};

function Method({ alerts, set }: AlertFieldProps) {
  return (
    <fieldset>
      <legend>Method</legend>
      {alertMethods.map((method) => (
        <label key={method} className="check method">
          <input
            type="radio"
            name="method"
            value={method}
            checked={alerts.method === method}
            onChange={() => set({ method })}
          />
          <span>
            {methods[method].name}
            <small>{methods[method].description}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

const sensitivityNames: Readonly<Record<PageAlerts['sensitivity'], string>> = {
  low: 'Low – large changes only',
  normal: 'Normal',
  high: 'High – small changes too',
};

function Sensitivity({ alerts, set }: AlertFieldProps) {
  const classic = alerts.method === 'classic';
  return (
    <SelectField
      label="Sensitivity"
      help={
        classic
          ? 'The classic rules have no sensitivity.'
          : 'The smallest change that raises an alert. Your feedback on alert mails adjusts it.'
      }
      options={sensitivities.map((value) => ({ value, label: sensitivityNames[value] }))}
      value={alerts.sensitivity}
      disabled={classic}
      onChange={(sensitivity) => set({ sensitivity })}
    />
  );
}

function ExcludedDays({ alerts, set, error }: AlertFieldProps & { error: string | undefined }) {
  const [date, setDate] = useState('');
  function add(): void {
    set({ badDays: [...new Set([...alerts.badDays, date])].toSorted() });
    setDate('');
  }
  return (
    <>
      <Field label="Excluded days" help="Ignored for baselines and never alerted on." error={error}>
        {(control) => (
          <div className="add-day">
            <input {...control} type="date" value={date} onChange={({ target }) => setDate(target.value)} />
            <button type="button" className="quiet" disabled={date === ''} onClick={add}>
              Exclude day
            </button>
          </div>
        )}
      </Field>
      {alerts.badDays.length > 0 && (
        <ul className="rows excluded-days" aria-label="Excluded days">
          {alerts.badDays.map((day) => (
            <li key={day}>
              {formatLongDate(day)}
              <button
                type="button"
                className="quiet small"
                aria-label={`Remove ${formatLongDate(day)}`}
                onClick={() => set({ badDays: alerts.badDays.filter((each) => each !== day) })}
              >
                Remove
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
