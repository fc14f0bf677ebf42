import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type MailKind, mailKinds } from '#schemas/alerts.ts';
import { type PageSettings, type Recipient, recipientSchema, recipientsSchema } from '#schemas/api/pages.ts';
import { useApi } from '../../api/context.tsx';
import { fieldError } from '../../api/field-errors.ts';
import { useApiMutation } from '../../api/lists.ts';
import { type Choice, Chooser } from '../../choosers/chooser.tsx';
import { Checkbox, Checkboxes, SelectField } from '../../components/inputs.tsx';
import { roleNames } from '../../format/names.ts';
import { usePeople } from './people.tsx';
import { SectionForm, type SectionProps } from './section-form.tsx';
import { Breakable } from '../../format/breakable.tsx';

interface MailFieldProps {
  alerts: PageSettings['alerts'];
  set: (change: Partial<PageSettings['alerts']>) => void;
}

/** Who gets which mails, and when. */
export function MailSettings(props: SectionProps) {
  return (
    <SectionForm title="Mails" what="mail settings" fields={['alerts.recipients']} {...props}>
      {({ settings: { alerts }, setAlerts: set, error }) => (
        <>
          <RecipientsField
            page={props.page}
            recipients={alerts.recipients}
            error={fieldError(error, 'alerts.recipients')}
            onChange={(recipients) => set({ recipients })}
          />
          <Confirmations page={props.page} />
          <Checkboxes
            legend="Send"
            options={mailKinds}
            names={mailNames}
            value={alerts.kinds}
            onChange={(kinds) => set({ kinds })}
          />
          <QuietHours alerts={alerts} set={set} />
        </>
      )}
    </SectionForm>
  );
}

interface RecipientsFieldProps {
  page: string;
  recipients: readonly string[];
  error: string | undefined;
  onChange: (recipients: string[]) => void;
}

/** The API's limit. */
const maxRecipients = 20;

/** Chooses people with access to the page, or types another address. */
function RecipientsField({ page, recipients, error, onChange }: RecipientsFieldProps) {
  const people = usePeople(page);
  const states = useStates(page);
  const [search, setSearch] = useState('');
  const text = search.trim().toLowerCase();
  const known = (people.data ?? []).flatMap(({ email, role }): Choice[] => {
    if (email === null || !email.toLowerCase().includes(text)) return [];
    const isTyped = email.toLowerCase() === text;
    return [{ value: email, label: email, note: roleNames[role], ...(isTyped && { typed: true }) }];
  });
  const isAddress = /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(text) && !known.some(({ value }) => value.toLowerCase() === text);
  const typed = { value: search.trim(), label: search.trim(), typed: true } as const;
  return (
    <Chooser
      label="Recipients"
      help="Choose people with access, or type an address, which gets a mail to confirm first. If empty, mails go to the page’s creators."
      error={error}
      chosen={recipients.map((address) => {
        const state = states.data?.rows.find((row) => row.address === address)?.state;
        return { value: address, label: address, ...(state && { note: stateWords[state] }) };
      })}
      onChange={(chosen) => onChange(chosen.map(({ value }) => value))}
      search={search}
      onSearch={setSearch}
      choices={[...known, ...(isAddress ? [typed] : [])]}
      none={people.isFetching ? 'Searching…' : text === '' ? '' : 'Type a whole address.'}
      max={maxRecipients}
    />
  );
}

function useStates(page: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['recipients', page],
    queryFn: ({ signal }) => api.send('get', '/pages/:page/recipients', recipientsSchema, { param: { page }, signal }),
  });
}

/** Saved recipients who have not confirmed yet. */
function Confirmations({ page }: { page: string }) {
  const recipients = useStates(page);
  if (recipients.isError) return <p className="soft">Couldn’t load who has confirmed. {recipients.error.message}</p>;
  const pending = recipients.data?.rows.filter(({ state }) => state === 'pending') ?? [];
  if (pending.length === 0) return null;
  return (
    <ul className="rows" aria-label="Confirmations">
      {pending.map(({ address }) => (
        <PendingRow key={address} page={page} address={address} />
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

function PendingRow({ page, address }: { page: string; address: string }) {
  const ask = useApiMutation((api, json: { address: string }) =>
    api.send('post', '/pages/:page/recipients', recipientSchema, { param: { page }, json }),
  );
  return (
    <li>
      <span>
        <bdi>
          <Breakable text={address} />
        </bdi>{' '}
        <small>{stateWords.pending}</small>
        <small role="status">{ask.isSuccess ? ' · sent again' : ask.error && ` · ${ask.error.message}`}</small>
      </span>
      {!ask.isSuccess && (
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
  monthly: 'Monthly summary',
  agency: 'Agency summaries',
};

const hours = Array.from({ length: 24 }, (_, hour) => ({ value: hour, label: `${String(hour).padStart(2, '0')}:00` }));

function QuietHours({ alerts, set }: MailFieldProps) {
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
