import { type FormEvent, type ReactNode, useState } from 'react';
import { deviceTargets, redirectStatuses } from '#schemas/catalog-rules.ts';
import type { Link } from '#schemas/catalog.ts';
import { utmColumns } from '#schemas/event.ts';
import { Field, fieldError, FormError } from '../../components/field.tsx';
import { destinationWith, type Draft, toDraft, isStatus } from './link-draft.ts';

const shownFields = ['url', 'code', 'title', 'campaign', 'startsAt', 'expiresAt', 'expiredUrl'];

interface LinkFormProps {
  link?: Link;
  /** The last attempt to save. */
  saving: { isPending: boolean; isSuccess: boolean; error: Error | null };
  onSave: (draft: Draft) => void;
  action: string;
  more?: ReactNode;
}

/** Everything that a link can be told. */
export function LinkForm({ link, saving, onSave, action, more }: LinkFormProps) {
  const [draft, setDraft] = useState(() => toDraft(link));
  const part = { draft, set: (change: Partial<Draft>) => setDraft({ ...draft, ...change }), error: saving.error };
  function submit(event: FormEvent): void {
    event.preventDefault();
    onSave(draft);
  }
  return (
    <form className="form" onSubmit={submit}>
      <Basics {...part} fresh={link === undefined} />
      <div>
        <Utm {...part} />
        <Dates {...part} />
        <Targets {...part} />
        <Behaviour {...part} />
      </div>
      <FormError error={saving.error} fields={shownFields} />
      <div className="form-actions">
        <button type="submit" className="primary" disabled={saving.isPending}>
          {saving.isPending ? 'Saving…' : action}
        </button>
        {more}
        {saving.isSuccess && (
          <span className="done" role="status">
            Saved. It works within a minute everywhere.
          </span>
        )}
      </div>
    </form>
  );
}

interface PartProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  error: Error | null;
}

function Basics({ draft, set, error, fresh }: PartProps & { fresh: boolean }) {
  return (
    <>
      <Field label="Destination" error={fieldError(error, 'url')}>
        {(control) => (
          <input
            {...control}
            type="url"
            required
            inputMode="url"
            placeholder="https://"
            autoComplete="off"
            value={draft.url}
            onChange={({ target }) => set({ url: target.value })}
          />
        )}
      </Field>
      <div className="form-row">
        <Field label="Title" help="Shown on the link page." error={fieldError(error, 'title')}>
          {(control) => (
            <input
              {...control}
              maxLength={300}
              value={draft.title}
              onChange={({ target }) => set({ title: target.value })}
            />
          )}
        </Field>
        {fresh && (
          <Field
            label="Short code"
            help={`${window.location.host}/… – made for you when empty.`}
            error={fieldError(error, 'code')}
          >
            {(control) => (
              <input
                {...control}
                pattern="[A-Za-z0-9_\-]{1,64}"
                autoCapitalize="off"
                spellCheck={false}
                value={draft.code}
                onChange={({ target }) => set({ code: target.value })}
              />
            )}
          </Field>
        )}
        <Field label="Campaign" error={fieldError(error, 'campaign')}>
          {(control) => (
            <input
              {...control}
              maxLength={128}
              value={draft.campaign}
              onChange={({ target }) => set({ campaign: target.value })}
            />
          )}
        </Field>
      </div>
    </>
  );
}

function Utm({ draft, set }: PartProps) {
  return (
    <details>
      <summary>UTM parameters</summary>
      <div className="form">
        <div className="form-row">
          {utmColumns.map((name) => (
            <Field key={name} label={name.slice(4).replace(/^./, (letter) => letter.toUpperCase())}>
              {(control) => (
                <input
                  {...control}
                  maxLength={200}
                  value={draft.utm[name]}
                  onChange={({ target }) => set({ utm: { ...draft.utm, [name]: target.value } })}
                />
              )}
            </Field>
          ))}
        </div>
        <p className="soft">
          Leads to <code dir="ltr">{destinationWith(draft) || '…'}</code>. A parameter that the destination has already
          is kept.
        </p>
      </div>
    </details>
  );
}

function Dates({ draft, set, error }: PartProps) {
  return (
    <details>
      <summary>Dates</summary>
      <div className="form">
        <div className="form-row">
          <Field label="Starts" help="By this device’s clock." error={fieldError(error, 'startsAt')}>
            {(control) => (
              <input
                {...control}
                type="datetime-local"
                value={draft.startsAt}
                onChange={({ target }) => set({ startsAt: target.value })}
              />
            )}
          </Field>
          <Field label="Ends" error={fieldError(error, 'expiresAt')}>
            {(control) => (
              <input
                {...control}
                type="datetime-local"
                value={draft.expiresAt}
                onChange={({ target }) => set({ expiresAt: target.value })}
              />
            )}
          </Field>
        </div>
        <Field
          label="Then leads to"
          help="Clicks outside its dates are in the ledger as such."
          error={fieldError(error, 'expiredUrl')}
        >
          {(control) => (
            <input
              {...control}
              type="url"
              value={draft.expiredUrl}
              onChange={({ target }) => set({ expiredUrl: target.value })}
            />
          )}
        </Field>
      </div>
    </details>
  );
}

const deviceNames = { ios: 'iPhone and iPad', android: 'Android', mobile: 'Any phone', desktop: 'Computer' } as const;

function Targets({ draft, set }: PartProps) {
  function setCountry(index: number, change: Partial<{ country: string; url: string }>): void {
    return set({ countryUrls: draft.countryUrls.map((each, at) => (at === index ? { ...each, ...change } : each)) });
  }
  return (
    <details>
      <summary>Other destinations by device or country</summary>
      <div className="form">
        <div className="form-row">
          {deviceTargets.map((device) => (
            <Field key={device} label={deviceNames[device]}>
              {(control) => (
                <input
                  {...control}
                  type="url"
                  value={draft.deviceUrls[device]}
                  onChange={({ target }) => set({ deviceUrls: { ...draft.deviceUrls, [device]: target.value } })}
                />
              )}
            </Field>
          ))}
        </div>
        {draft.countryUrls.map(({ country, url }, index) => (
          <div className="country-row" key={index}>
            <Field label="Country">
              {(control) => (
                <input
                  {...control}
                  maxLength={2}
                  size={3}
                  pattern="[A-Za-z]{2}"
                  placeholder="AT"
                  required
                  value={country}
                  onChange={({ target }) => setCountry(index, { country: target.value })}
                />
              )}
            </Field>
            <Field label="leads to">
              {(control) => (
                <input
                  {...control}
                  type="url"
                  required
                  value={url}
                  onChange={({ target }) => setCountry(index, { url: target.value })}
                />
              )}
            </Field>
            <button
              type="button"
              className="quiet small"
              onClick={() => set({ countryUrls: draft.countryUrls.filter((_, at) => at !== index) })}
            >
              Remove
            </button>
          </div>
        ))}
        <button
          type="button"
          className="quiet small"
          onClick={() => set({ countryUrls: [...draft.countryUrls, { country: '', url: '' }] })}
        >
          Add a country
        </button>
      </div>
    </details>
  );
}

const statusNames = {
  302: '302 – found, for now (counts every click)',
  307: '307 – temporary, keeps the method',
  301: '301 – moved for good',
  308: '308 – for good, keeps the method',
} as const;

function Behaviour({ draft, set }: PartProps) {
  return (
    <details>
      <summary>Behaviour</summary>
      <div className="form">
        <Field
          label="Redirect"
          {...((draft.status === 301 || draft.status === 308) && {
            help: 'Browsers keep this redirect and do not ask again: clicks after the first are not counted, and a new destination is not seen.',
          })}
        >
          {(control) => (
            <select
              {...control}
              value={draft.status}
              onChange={({ target }) =>
                isStatus(Number(target.value)) && set({ status: Number(target.value) as Draft['status'] })
              }
            >
              {redirectStatuses.map((status) => (
                <option key={status} value={status}>
                  {statusNames[status]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <label className="check">
          <input type="checkbox" checked={draft.listed} onChange={({ target }) => set({ listed: target.checked })} />{' '}
          Shown on the link page
        </label>
        <label className="check">
          <input
            type="checkbox"
            checked={draft.passQuery}
            onChange={({ target }) => set({ passQuery: target.checked })}
          />{' '}
          Hands the query of the short link on
        </label>
        <label className="check">
          <input type="checkbox" checked={draft.enabled} onChange={({ target }) => set({ enabled: target.checked })} />{' '}
          Switched on
        </label>
      </div>
    </details>
  );
}
