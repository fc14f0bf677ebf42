import { useState } from 'react';
import { alertMethods, type MailKind, mailKinds, type PageAlerts, sensitivities } from '#schemas/alerts.ts';
import { formatLongDate } from '../../format/times.ts';
import { Field } from '../../components/field.tsx';
import { Panel } from '../../components/panel.tsx';
import { Backtest } from '../alerts/backtest.tsx';
import { nestedFieldError } from '../../api/field-errors.ts';
import { splitWords } from '../../format/words.ts';

interface AlertsProps {
  alerts: PageAlerts;
  set: (change: Partial<PageAlerts>) => void;
}

interface AlertSettingsProps extends AlertsProps {
  /** Path of the page without its slash. */
  page: string;
  /** Of the last attempt to save. */
  error: Error | null;
}

/** What is watched, how closely, and who is told; with what the same setting would have told before. */
export function AlertSettings({ page, alerts, set, error }: AlertSettingsProps) {
  return (
    <>
      <Panel title="Alerts">
        <div className="form">
          <label className="check">
            <input
              type="checkbox"
              checked={alerts.enabled}
              onChange={({ target }) => set({ enabled: target.checked })}
            />
            Watch this page
          </label>
          <Method alerts={alerts} set={set} />
          <Sensitivity alerts={alerts} set={set} />
          <BadDays alerts={alerts} set={set} fault={nestedFieldError(error, 'alerts.badDays')} />
          <Backtest page={page} alerts={alerts} />
        </div>
      </Panel>
      <Panel title="Mails">
        <div className="form">
          <Mails alerts={alerts} set={set} error={error} />
          <Goal alerts={alerts} set={set} fault={nestedFieldError(error, 'alerts.goal')} />
        </div>
      </Panel>
    </>
  );
}

const methodNames: Readonly<Record<PageAlerts['method'], { name: string; does: string }>> = {
  default: {
    name: 'Detectors',
    does: 'Each day against what its weekday usually brings; small numbers need a larger surprise.',
  },
  classic: {
    name: 'Classic rules',
    does: 'Below half or above double the average of the 14 days before, from 100 views a day; click-through changed by half.',
  },
};

function Method({ alerts, set }: AlertsProps) {
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
            {methodNames[method].name}
            <small>{methodNames[method].does}</small>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

const sensitivityNames = {
  low: 'Low – only what is glaring',
  normal: 'Normal',
  high: 'High – small changes too',
} as const;

function Sensitivity({ alerts, set }: AlertsProps) {
  return (
    <Field
      label="Sensitivity"
      help={
        alerts.method === 'classic'
          ? 'The classic rules have none.'
          : 'It moves the smallest change that is worth a mail. Answers to the mails move it, too.'
      }
    >
      {(control) => (
        <select
          {...control}
          value={alerts.sensitivity}
          disabled={alerts.method === 'classic'}
          onChange={({ target }) =>
            set({ sensitivity: sensitivities.find((each) => each === target.value) ?? 'normal' })
          }
        >
          {sensitivities.map((each) => (
            <option key={each} value={each}>
              {sensitivityNames[each]}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function BadDays({ alerts, set, fault }: AlertsProps & { fault: string | undefined }) {
  const [date, setDate] = useState('');
  function add(): void {
    set({ badDays: [...new Set([...alerts.badDays, date])].toSorted() });
    setDate('');
  }
  return (
    <>
      <Field
        label="Bad days"
        help="Days that you know to be wrong: an outage, a test. They teach nothing and are never evaluated."
        error={fault}
      >
        {(control) => (
          <div className="add-day">
            <input {...control} type="date" value={date} onChange={({ target }) => setDate(target.value)} />
            <button type="button" className="quiet" disabled={date === ''} onClick={add}>
              Add day
            </button>
          </div>
        )}
      </Field>
      {alerts.badDays.length > 0 && (
        <ul className="rows excluded-days" aria-label="Bad days">
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

const mailNames: Readonly<Record<MailKind, string>> = {
  alert: 'When something is wrong',
  recovery: 'When it is over',
  digest: 'Every week, a summary',
  agency: 'Every day, for the agency',
};

function Mails({ alerts, set, error }: AlertsProps & { error: Error | null }) {
  return (
    <>
      <Field
        label="Send to"
        help="Addresses, one a line. When empty, the page’s creators."
        error={nestedFieldError(error, 'alerts.recipients')}
      >
        {(control) => (
          <textarea
            {...control}
            dir="ltr"
            defaultValue={alerts.recipients.join('\n')}
            onChange={({ target }) => set({ recipients: splitWords(target.value) })}
          />
        )}
      </Field>
      <fieldset>
        <legend>Which</legend>
        {mailKinds.map((kind) => (
          <label className="check" key={kind}>
            <input
              type="checkbox"
              checked={alerts.kinds.includes(kind)}
              onChange={({ target }) =>
                set({
                  kinds: mailKinds.filter((each) => (each === kind ? target.checked : alerts.kinds.includes(each))),
                })
              }
            />
            {mailNames[kind]}
          </label>
        ))}
      </fieldset>
      <QuietHours alerts={alerts} set={set} />
    </>
  );
}

const hours = Array.from({ length: 24 }, (_, hour) => hour);

function QuietHours({ alerts, set }: AlertsProps) {
  const quiet = alerts.quietHours;
  function pick(name: 'from' | 'to', label: string) {
    return (
      <Field label={label}>
        {(control) => (
          <select
            {...control}
            disabled={quiet === null}
            value={quiet?.[name] ?? 0}
            onChange={({ target }) => quiet && set({ quietHours: { ...quiet, [name]: Number(target.value) } })}
          >
            {hours.map((hour) => (
              <option key={hour} value={hour}>
                {String(hour).padStart(2, '0')}:00
              </option>
            ))}
          </select>
        )}
      </Field>
    );
  }
  return (
    <>
      <label className="check">
        <input
          type="checkbox"
          checked={quiet !== null}
          onChange={({ target }) => set({ quietHours: target.checked ? { from: 22, to: 7 } : null })}
        />
        No mail during quiet hours
      </label>
      {quiet !== null && (
        <div className="form-row">
          {pick('from', 'From')}
          {pick('to', 'To')}
        </div>
      )}
    </>
  );
}

function Goal({ alerts, set, fault }: AlertsProps & { fault: string | undefined }) {
  return (
    <Field
      label="Goal"
      help="Views that a month should bring, or clicks where links are followed directly; the forecast and the weekly mail say whether it will."
      error={fault}
    >
      {(control) => (
        <input
          {...control}
          type="number"
          min={1}
          step={1}
          inputMode="numeric"
          value={alerts.goal ?? ''}
          onChange={({ target }) => set({ goal: target.value === '' ? null : Math.round(Number(target.value)) })}
        />
      )}
    </Field>
  );
}
