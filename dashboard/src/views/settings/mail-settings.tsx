import { useQuery } from '@tanstack/react-query';
import { type MailKind, mailKinds } from '#schemas/alerts.ts';
import { type PageSettings, type Recipient, recipientSchema, recipientsSchema } from '#schemas/api/pages.ts';
import { useApi } from '../../api/context.tsx';
import { fieldError } from '../../api/field-errors.ts';
import { useApiMutation } from '../../api/lists.ts';
import { Field } from '../../components/field.tsx';
import { Checkbox, SelectField, TextField } from '../../components/inputs.tsx';
import { Panel } from '../../components/panel.tsx';
import { splitWords } from '../../format/words.ts';

interface SectionProps {
  alerts: PageSettings['alerts'];
  set: (change: Partial<PageSettings['alerts']>) => void;
}

interface MailSettingsProps extends SectionProps {
  /** The page's path without the slash. */
  page: string;
  error: Error | null;
}

/** Who gets which mails and when, and the monthly goal that they report on. */
export function MailSettings({ page, alerts, set, error }: MailSettingsProps) {
  return (
    <Panel title="Mails">
      <div className="form">
        <Field
          label="Recipients"
          help="One email address per line. Each gets a mail to confirm first. If empty, mails go to the page’s creators."
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
        <Recipients page={page} />
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

/** Recipients as saved, and who has confirmed. */
function Recipients({ page }: { page: string }) {
  const api = useApi();
  const recipients = useQuery({
    queryKey: ['recipients', page],
    queryFn: ({ signal }) => api.send('get', '/pages/:page/recipients', recipientsSchema, { param: { page }, signal }),
  });
  if (recipients.isError) return <p className="soft">Couldn’t load who has confirmed. {recipients.error.message}</p>;
  const rows = recipients.data?.rows ?? [];
  if (rows.length === 0) return null;
  return (
    <ul className="rows" aria-label="Confirmations">
      {rows.map((recipient) => (
        <RecipientRow key={recipient.address} page={page} recipient={recipient} />
      ))}
    </ul>
  );
}

const stateWords: Readonly<Record<Recipient['state'], string>> = {
  pending: 'Waiting for confirmation',
  confirmed: 'Confirmed',
  unsubscribed: 'Unsubscribed',
  suppressed: 'Mails bounced or were reported as spam',
};

function RecipientRow({ page, recipient: { address, state } }: { page: string; recipient: Recipient }) {
  const ask = useApiMutation((api, json: { address: string }) =>
    api.send('post', '/pages/:page/recipients', recipientSchema, { param: { page }, json }),
  );
  return (
    <li>
      <span>
        <bdi>{address}</bdi> <small>{stateWords[state]}</small>
        <small role="status">{ask.isSuccess ? ' · sent again' : ask.error && ` · ${ask.error.message}`}</small>
      </span>
      {state === 'pending' && !ask.isSuccess && (
        <button
          type="button"
          className="quiet small"
          disabled={ask.isPending}
          onClick={() => ask.mutate({ address })}
          aria-label={`Send the confirmation to ${address} again`}
        >
          Send again
        </button>
      )}
    </li>
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
