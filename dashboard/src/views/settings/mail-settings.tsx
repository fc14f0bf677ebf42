import { type MailKind, mailKinds, type PageAlerts } from '#schemas/alerts.ts';
import { fieldError } from '../../api/field-errors.ts';
import { Field } from '../../components/field.tsx';
import { Checkbox, SelectField, TextField } from '../../components/inputs.tsx';
import { Panel } from '../../components/panel.tsx';
import { splitWords } from '../../format/words.ts';

interface SectionProps {
  alerts: PageAlerts;
  set: (change: Partial<PageAlerts>) => void;
}

/** Who gets which mails and when, and the monthly goal that they report on. */
export function MailSettings({ alerts, set, error }: SectionProps & { error: Error | null }) {
  return (
    <Panel title="Mails">
      <div className="form">
        <Field
          label="Recipients"
          help="One email address per line. If empty, mails go to the page’s creators."
          error={fieldError(error, 'alerts.recipients')}
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
        <MailKinds alerts={alerts} set={set} />
        <QuietHours alerts={alerts} set={set} />
        <TextField
          label="Monthly goal"
          help="Views per month, or clicks if the links are shared without the page."
          error={fieldError(error, 'alerts.goal')}
          type="number"
          min={1}
          step={1}
          inputMode="numeric"
          value={String(alerts.goal ?? '')}
          onChange={(text) => set({ goal: text === '' ? null : Math.round(Number(text)) })}
        />
      </div>
    </Panel>
  );
}

const mailNames: Readonly<Record<MailKind, string>> = {
  alert: 'Alerts',
  recovery: 'Recoveries',
  digest: 'Weekly summary',
  agency: 'Daily agency summary',
};

function MailKinds({ alerts, set }: SectionProps) {
  function toggle(kind: MailKind, checked: boolean): void {
    set({ kinds: mailKinds.filter((each) => (each === kind ? checked : alerts.kinds.includes(each))) });
  }
  return (
    <fieldset>
      <legend>Send</legend>
      {mailKinds.map((kind) => (
        <Checkbox
          key={kind}
          label={mailNames[kind]}
          checked={alerts.kinds.includes(kind)}
          onChange={(checked) => toggle(kind, checked)}
        />
      ))}
    </fieldset>
  );
}

const hours = Array.from({ length: 24 }, (_, hour) => ({ value: hour, label: `${String(hour).padStart(2, '0')}:00` }));

function QuietHours({ alerts, set }: SectionProps) {
  const quiet = alerts.quietHours;
  return (
    <>
      <Checkbox
        label="Send no mails during quiet hours"
        checked={quiet !== null}
        onChange={(checked) => set({ quietHours: checked ? { from: 22, to: 7 } : null })}
      />
      {quiet !== null && (
        <div className="form-row">
          <SelectField
            label="From"
            options={hours}
            value={quiet.from}
            onChange={(from) => set({ quietHours: { ...quiet, from } })}
          />
          <SelectField
            label="To"
            options={hours}
            value={quiet.to}
            onChange={(to) => set({ quietHours: { ...quiet, to } })}
          />
        </div>
      )}
    </>
  );
}
