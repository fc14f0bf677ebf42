import { type ReactNode, useState } from 'react';
import {
  deviceTargets,
  linkLimits,
  passwordLength,
  type RedirectStatus,
  redirectStatuses,
} from '#schemas/catalog-rules.ts';

import type { LinkView } from '#schemas/api/links.ts';
import { UtmFields } from '../../choosers/utm-fields.tsx';
import { fieldError } from '../../api/field-errors.ts';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { Checkbox, SelectField, TextField } from '../../components/inputs.tsx';
import { DomainField } from '../../choosers/domain-field.tsx';
import { destinationWith, type Draft, toWebAddress } from './link-draft.ts';

const fields = [
  'url',
  'code',
  'domain',
  'title',
  'campaign',
  'tags',
  'startsAt',
  'expiresAt',
  'expiredUrl',
  'clickLimit',
  'password',
  'variants',
  'card.title',
  'card.image',
];

interface LinkFormProps {
  draft: Draft;
  onChange: (change: Partial<Draft>) => void;
  /** The link that is edited. */
  link?: LinkView;
  /** Free codes for a new link. */
  codes?: readonly string[];
  /** Domains to choose from, besides the stack's own. */
  domains: readonly string[];
  /** Shown next to the form. */
  result?: ReactNode;
  /** The mutation that saves the link. */
  saving: { isPending: boolean; isSuccess: boolean; error: Error | null };
  onSave: () => void;
  /** Label of the submit button. */
  action: string;
  /** More buttons. */
  actions?: ReactNode;
}

/** Creates a link, or edits all of its properties. */
export function LinkForm({
  draft,
  onChange,
  link,
  codes,
  domains,
  result,
  saving,
  onSave,
  action,
  actions,
}: LinkFormProps) {
  const section = { draft, set: onChange, error: saving.error };
  return (
    <Form onSubmit={onSave}>
      <div className={result === undefined ? undefined : 'with-result'}>
        <div className="form">
          <Basics {...section} isNew={link === undefined} codes={codes ?? []} domains={domains} />
        </div>
        {result}
        <div>
          <Utm {...section} />
          <Limits {...section} />
          <Protection {...section} isProtected={link?.protected === true} />
          <SplitTest {...section} />
          <Targets {...section} />
          <Card {...section} />
          <RedirectOptions {...section} />
        </div>
      </div>
      <FormError error={saving.error} fields={fields} />
      <div className="form-actions">
        <button type="submit" className="primary" disabled={saving.isPending}>
          {saving.isPending ? 'Saving…' : action}
        </button>
        {actions}
        {saving.isSuccess && (
          <span className="done" role="status">
            Link saved. Changes take effect everywhere within a minute.
          </span>
        )}
      </div>
    </Form>
  );
}

interface MoreProps {
  title: string;
  /** Whether the link has something of it: then it is open at first. */
  isUsed: boolean;
  /** Opens it. */
  /** Its fields; an error of one opens it. */
  fields?: readonly string[];
  error?: Error | null;
  children: ReactNode;
}

/** A section of the form that is closed until it is needed. */
function More({ title, isUsed, fields = [], error = null, children }: MoreProps) {
  const [wasUsed] = useState(isUsed);
  const hasError = fields.some((field) => fieldError(error, field) !== undefined);
  return (
    <details open={wasUsed || hasError || undefined}>
      <summary>
        {title}
        {isUsed && <span className="badge">Set</span>}
      </summary>
      <div className="form">{children}</div>
    </details>
  );
}

interface SectionProps {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  error: Error | null;
}

interface BasicsProps extends SectionProps {
  isNew: boolean;
  codes: readonly string[];
  domains: readonly string[];
}

function Basics({ draft, set, error, isNew, codes, domains }: BasicsProps) {
  return (
    <>
      <TextField
        label="Destination"
        error={fieldError(error, 'url')}
        type="url"
        required
        inputMode="url"
        placeholder="Paste an address: https://…"
        autoComplete="off"
        value={draft.url}
        onChange={(url) => set({ url })}
        onBlur={() => set({ url: toWebAddress(draft.url) })}
      />
      <div className="form-row">
        <TextField
          label="Title"
          help="Shown on the link page."
          error={fieldError(error, 'title')}
          maxLength={300}
          value={draft.title}
          onChange={(title) => set({ title })}
        />
        {isNew && (
          <TextField
            label="Short code"
            help={<CodeHelp draft={draft} set={set} codes={codes} />}
            error={fieldError(error, 'code')}
            pattern="[A-Za-z0-9_\-]{1,64}"
            autoCapitalize="off"
            spellCheck={false}
            value={draft.code}
            onChange={(code) => set({ code })}
          />
        )}
        <DomainField
          help="The link answers only there."
          error={fieldError(error, 'domain')}
          domains={domains}
          value={draft.domain}
          onChange={(domain) => set({ domain })}
        />
        <TextField
          label="Campaign"
          error={fieldError(error, 'campaign')}
          maxLength={128}
          value={draft.campaign}
          onChange={(campaign) => set({ campaign })}
        />
        <TextField
          label="Tags"
          help="Separated by commas."
          error={fieldError(error, 'tags')}
          maxLength={500}
          value={draft.tags}
          onChange={(tags) => set({ tags })}
        />
      </div>
    </>
  );
}

function CodeHelp({ draft, set, codes }: Pick<SectionProps, 'draft' | 'set'> & { codes: readonly string[] }) {
  const others = codes.filter((code) => code !== draft.code);
  return (
    <>
      If empty, you get a random code.
      {others.length > 0 && ' Also free: '}
      {others.map((code) => (
        <button key={code} type="button" className="inline" onClick={() => set({ code })}>
          {code}
        </button>
      ))}
    </>
  );
}

function Utm({ draft, set }: SectionProps) {
  return (
    <More title="UTM parameters" isUsed={Object.values(draft.utm).some((value) => value !== '')}>
      <UtmFields value={draft.utm} onChange={(utm) => set({ utm })} />
      <p className="soft">
        Redirects to <code dir="ltr">{destinationWith(draft) || '…'}</code>. Parameters that the destination already has
        are kept.
      </p>
    </More>
  );
}

function Limits({ draft, set, error }: SectionProps) {
  return (
    <More
      title="Schedule and click limit"
      isUsed={[draft.startsAt, draft.expiresAt, draft.clickLimit, draft.expiredUrl].some((value) => value !== '')}
      fields={['startsAt', 'expiresAt', 'clickLimit', 'expiredUrl']}
      error={error}
    >
      <div className="form-row">
        <TextField
          label="Start"
          help="In this device’s time zone."
          error={fieldError(error, 'startsAt')}
          type="datetime-local"
          value={draft.startsAt}
          onChange={(startsAt) => set({ startsAt })}
        />
        <TextField
          label="End"
          error={fieldError(error, 'expiresAt')}
          type="datetime-local"
          value={draft.expiresAt}
          onChange={(expiresAt) => set({ expiresAt })}
        />
        <TextField
          label="Click limit"
          help="Robots use none up, double taps do."
          error={fieldError(error, 'clickLimit')}
          type="number"
          inputMode="numeric"
          min={1}
          max={linkLimits.clicks}
          value={draft.clickLimit}
          onChange={(clickLimit) => set({ clickLimit })}
        />
      </div>
      <TextField
        label="URL after the end or the limit"
        help="Without it, visitors see that the link has expired. These clicks are not counted."
        error={fieldError(error, 'expiredUrl')}
        type="url"
        value={draft.expiredUrl}
        onChange={(expiredUrl) => set({ expiredUrl })}
      />
    </More>
  );
}

function Protection({ draft, set, error, isProtected }: SectionProps & { isProtected: boolean }) {
  return (
    <More title="Password" isUsed={isProtected || draft.password !== ''} fields={['password']} error={error}>
      <TextField
        label={isProtected ? 'New password' : 'Password'}
        help={`At least ${passwordLength.min} characters. It is stored as a hash and cannot be shown again.`}
        error={fieldError(error, 'password')}
        type="password"
        autoComplete="new-password"
        minLength={passwordLength.min}
        maxLength={passwordLength.max}
        value={draft.password}
        onChange={(password) => set({ password })}
      />
      {isProtected && <Checkbox label="Remove the password" checked={draft.open} onChange={(open) => set({ open })} />}
    </More>
  );
}

function SplitTest({ draft, set, error }: SectionProps) {
  const { variants } = draft;
  function change(index: number, next: Partial<Draft['variants'][number]>): void {
    set({ variants: variants.map((each, at) => (at === index ? { ...each, ...next } : each)) });
  }
  const rest = 100 - variants.reduce((sum, { weight }) => sum + Number(weight), 0);
  return (
    <More title="Split test" isUsed={variants.length > 0} fields={['variants']} error={error}>
      <p className="soft">
        Visitors are divided among the destinations, each person always to the same one. The destination above is A
        {variants.length > 0 && ` and gets ${rest}%`}.
      </p>
      {variants.map(({ url, weight }, index) => (
        <div className="variant-row" key={index}>
          <TextField
            label={`Destination ${'BCDE'.charAt(index)}`}
            type="url"
            required
            value={url}
            onChange={(value) => change(index, { url: value })}
          />
          <TextField
            label="Percent"
            type="number"
            required
            min={1}
            max={99}
            value={weight}
            onChange={(value) => change(index, { weight: value })}
          />
          <button
            type="button"
            className="quiet"
            aria-label={`Remove destination ${'BCDE'.charAt(index)}`}
            onClick={() => set({ variants: variants.filter((_, at) => at !== index) })}
          >
            Remove
          </button>
        </div>
      ))}
      {fieldError(error, 'variants') !== undefined && <p className="failure">{fieldError(error, 'variants')}</p>}
      {variants.length < linkLimits.variants && (
        <button
          type="button"
          className="quiet"
          onClick={() =>
            set({ variants: [...variants, { url: '', weight: String(Math.max(1, Math.floor(rest / 2))) }] })
          }
        >
          Add destination
        </button>
      )}
    </More>
  );
}

function Card({ draft: { card }, set, error }: SectionProps) {
  function change(next: Partial<Draft['card']>): void {
    set({ card: { ...card, ...next } });
  }
  const hasCard = Object.values(card).some((text) => text.trim() !== '');
  return (
    <More title="Preview card" isUsed={hasCard} fields={['card']} error={error}>
      <p className="soft">
        Shown by messengers and social networks instead of the destination’s own card. Only they see it: people are
        redirected.
      </p>
      <TextField
        label="Card title"
        error={fieldError(error, 'card.title')}
        required={hasCard}
        maxLength={linkLimits.cardTitle}
        value={card.title}
        onChange={(title) => change({ title })}
      />
      <TextField
        label="Card description"
        maxLength={linkLimits.cardDescription}
        value={card.description}
        onChange={(description) => change({ description })}
      />
      <TextField
        label="Image address"
        help="https, best 1200 × 630 pixels."
        error={fieldError(error, 'card.image')}
        type="url"
        pattern="https://.*"
        value={card.image}
        onChange={(image) => change({ image })}
      />
      {hasCard && (
        <div className="card-preview" role="img" aria-label={`Card: ${card.title}`}>
          {card.image !== '' && <span>{URL.parse(card.image)?.hostname ?? 'image'}</span>}
          <b dir="auto">{card.title || 'Title'}</b>
          {card.description !== '' && <p dir="auto">{card.description}</p>}
          <small>{window.location.host}</small>
        </div>
      )}
    </More>
  );
}

const deviceNames = { ios: 'iPhone and iPad', android: 'Android', mobile: 'Any phone', desktop: 'Computer' } as const;

function Targets({ draft, set }: SectionProps) {
  function setCountry(index: number, change: Partial<{ country: string; url: string }>): void {
    return set({ countryUrls: draft.countryUrls.map((each, at) => (at === index ? { ...each, ...change } : each)) });
  }
  return (
    <More
      title="Destinations by device or country"
      isUsed={draft.countryUrls.length > 0 || Object.values(draft.deviceUrls).some((url) => url !== '')}
    >
      <div className="form-row">
        {deviceTargets.map((device) => (
          <TextField
            key={device}
            label={deviceNames[device]}
            type="url"
            value={draft.deviceUrls[device]}
            onChange={(url) => set({ deviceUrls: { ...draft.deviceUrls, [device]: url } })}
          />
        ))}
      </div>
      {draft.countryUrls.map(({ country, url }, index) => (
        <div className="country-row" key={index}>
          <TextField
            label="Country"
            maxLength={2}
            size={3}
            pattern="[A-Za-z]{2}"
            placeholder="AT"
            required
            value={country}
            onChange={(code) => setCountry(index, { country: code })}
          />
          <TextField
            label="URL"
            type="url"
            required
            value={url}
            onChange={(value) => setCountry(index, { url: value })}
          />
          <button
            type="button"
            className="quiet small"
            onClick={() => set({ countryUrls: draft.countryUrls.filter((_, at) => at !== index) })}
          >
            Remove country
          </button>
        </div>
      ))}
      <button
        type="button"
        className="quiet small"
        onClick={() => set({ countryUrls: [...draft.countryUrls, { country: '', url: '' }] })}
      >
        Add country
      </button>
    </More>
  );
}

const statusNames: Readonly<Record<RedirectStatus, string>> = {
  302: '302 – temporary (counts every click)',
  307: '307 – temporary, keeps the method',
  301: '301 – permanent',
  308: '308 – permanent, keeps the method',
};

function RedirectOptions({ draft, set }: SectionProps) {
  const permanent = draft.status === 301 || draft.status === 308;
  return (
    <More
      title="Redirect and visibility"
      isUsed={draft.status !== 302 || draft.passQuery || !draft.listed || !draft.enabled}
    >
      <SelectField
        label="Redirect type"
        help={
          permanent &&
          'Browsers cache permanent redirects: a visitor’s later clicks are not counted and keep going to the old destination.'
        }
        options={redirectStatuses.map((value) => ({ value, label: statusNames[value] }))}
        value={draft.status}
        onChange={(status) => set({ status })}
      />
      <Checkbox label="Show on the link page" checked={draft.listed} onChange={(listed) => set({ listed })} />
      <Checkbox
        label="Pass query parameters to the destination"
        checked={draft.passQuery}
        onChange={(passQuery) => set({ passQuery })}
      />
      <Checkbox label="Enable the link" checked={draft.enabled} onChange={(enabled) => set({ enabled })} />
    </More>
  );
}
