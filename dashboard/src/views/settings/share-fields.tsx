import { type NewShare, type Share, type ShareExtra, shareExtras } from '#schemas/api/shares.ts';
import { passwordLength, shareLimits } from '#schemas/catalog-rules.ts';
import { fieldError } from '../../api/field-errors.ts';
import { OriginsField } from '../../choosers/origins-field.tsx';
import { Checkbox, Checkboxes, SelectField, TextField } from '../../components/inputs.tsx';
import { useMetrics } from '../metrics/use-metrics.ts';
import { formatFullInstant } from '../../format/times.ts';

/** What can be set of a share. */
export interface ShareDraft {
  label: string;
  /** Days from now; 0 keeps the expiry. */
  days: number;
  /** Empty: no new password. */
  password: string;
  /** The stored password is removed. */
  open: boolean;
  embedOrigins: readonly string[];
  extras: readonly ShareExtra[];
  /** Ids of custom metrics. */
  metrics: readonly string[];
}

export const newShareDraft: ShareDraft = {
  label: '',
  days: 30,
  password: '',
  open: false,
  embedOrigins: [],
  extras: [],
  metrics: [],
};

export const shareFields = ['label', 'expiresAt', 'password', 'embedOrigins', 'extras', 'metrics'];

interface ShareFieldsProps {
  draft: ShareDraft;
  set: (change: Partial<ShareDraft>) => void;
  error: Error | null;
  /** The share that is changed. */
  stored?: Share;
  /** Path of the page without the slash. */
  page: string;
  zone: string;
}

export function ShareFields({ draft, set, error, stored, page, zone }: ShareFieldsProps) {
  const metrics = useMetrics(page).data ?? [];
  const kept = stored && { value: 0, label: `As it is: ${formatFullInstant(stored.expiresAt, zone)}` };
  const isProtected = stored?.protected === true;
  return (
    <>
      <div className="form-row">
        <TextField
          label="Name"
          error={fieldError(error, 'label')}
          maxLength={100}
          value={draft.label}
          onChange={(label) => set({ label })}
        />
        <SelectField
          label="Expires in"
          error={fieldError(error, 'expiresAt')}
          options={kept ? [kept, ...durations] : durations}
          value={draft.days}
          onChange={(days) => set({ days })}
        />
      </div>
      <TextField
        label={isProtected ? 'New password' : 'Password (optional)'}
        help={`Visitors must enter it. At least ${passwordLength.min} characters. It is stored as a hash and cannot be shown again.`}
        error={fieldError(error, 'password')}
        type="password"
        autoComplete="new-password"
        minLength={passwordLength.min}
        maxLength={passwordLength.max}
        disabled={draft.open}
        value={draft.password}
        onChange={(password) => set({ password })}
      />
      {isProtected && <Checkbox label="Remove the password" checked={draft.open} onChange={(open) => set({ open })} />}
      <OriginsField
        label="Sites that may embed it"
        help="Type an address such as ada.example. Without one, no site can show it in a frame."
        error={fieldError(error, 'embedOrigins')}
        origins={draft.embedOrigins}
        onChange={(embedOrigins) => set({ embedOrigins })}
        max={shareLimits.embedOrigins}
      />
      <Checkboxes
        legend="Also show"
        options={shareExtras}
        names={extraNames}
        value={draft.extras}
        onChange={(extras) => set({ extras })}
      />
      {metrics.length > 0 && (
        <Checkboxes
          legend="Metrics to show"
          options={metrics.map(({ id }) => id)}
          names={Object.fromEntries(metrics.map(({ id, name }) => [id, name]))}
          value={draft.metrics}
          onChange={(chosen) => set({ metrics: chosen })}
        />
      )}
    </>
  );
}

const durations = [
  { value: 1, label: '1 day' },
  { value: 7, label: '7 days' },
  { value: 30, label: '30 days' },
  { value: 90, label: '90 days' },
  { value: 365, label: '1 year' },
];

const extraNames: Readonly<Record<ShareExtra, string>> = {
  annotations: 'Annotations of the chart',
  segments: 'Saved segments',
  conversions: 'Conversions, events and revenue',
  retention: 'Retention',
  funnels: 'Funnels',
};

/** Returns the fields of a request, without those that stay. */
export function toShareRequest({ label, days, password, open, embedOrigins, extras, metrics }: ShareDraft) {
  return {
    label: label.trim(),
    embedOrigins: [...embedOrigins],
    extras: [...extras],
    metrics: [...metrics],
    ...(days > 0 && { expiresAt: new Date(Date.now() + days * 86_400_000).toISOString() }),
    ...(open ? { password: null } : password !== '' && { password }),
  } satisfies Partial<NewShare>;
}
