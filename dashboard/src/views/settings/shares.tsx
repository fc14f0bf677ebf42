import { useState } from 'react';
import { createdShareSchema, type NewShare, type Share, sharesSchema } from '#schemas/api/shares.ts';
import { useApiMutation, useList } from '../../api/lists.ts';
import { formatFullInstant } from '../../format/times.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Field, fieldError, FormError } from '../../components/field.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { Empty, Panel } from '../../components/panel.tsx';
import { basePath } from '../../router/location.ts';

/** Links that open a page's numbers to look at, without an account. */
export function Shares({ page, zone }: { page: string; zone: string }) {
  const shares = useList(['shares', page], (api, { query, signal }) =>
    api.send('get', '/shares', sharesSchema, { query: { ...query, page: `/${page}` }, signal }),
  );
  const revoke = useApiMutation((api, id: string) => api.remove('/shares/:id', { param: { id } }));
  return (
    <Panel
      title="Share these numbers"
      hint={<p>Read only: the overview, the ledger and the live view. A link ends by itself, or when you revoke it.</p>}
    >
      <NewShareForm page={page} />
      <FormError error={revoke.error} fields={[]} />
      <LoadMore query={shares}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty>Nothing is shared.</Empty>
          ) : (
            <ul className="rows">
              {rows.map((share) => (
                <li key={share.id}>
                  <span>
                    <b dir="auto">{share.label || 'Without a name'}</b>{' '}
                    <small>until {formatFullInstant(share.expiresAt, zone)}</small>
                  </span>
                  {shareState(share) === undefined ? (
                    <button
                      type="button"
                      className="quiet small"
                      disabled={revoke.isPending}
                      onClick={() => revoke.mutate(share.id)}
                    >
                      Revoke
                    </button>
                  ) : (
                    <span className="badge">{shareState(share)}</span>
                  )}
                </li>
              ))}
            </ul>
          )
        }
      </LoadMore>
    </Panel>
  );
}

const lengths = { 1: 'A day', 7: 'A week', 30: '30 days', 90: '90 days', 365: 'A year' } as const;

function NewShareForm({ page }: { page: string }) {
  const [label, setLabel] = useState('');
  const [days, setDays] = useState(30);
  const create = useApiMutation((api, json: NewShare) => api.send('post', '/shares', createdShareSchema, { json }));
  function submit(): void {
    const expiresAt = new Date(Date.now() + days * 86_400_000).toISOString();
    create.mutate({ page: `/${page}`, label: label.trim(), expiresAt });
  }
  const url = create.data && `${window.location.origin}${basePath}/share#${create.data.token}`;
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className="form-row">
        <Field label="For whom" error={fieldError(create.error, 'label')}>
          {(control) => (
            <input {...control} maxLength={100} value={label} onChange={({ target }) => setLabel(target.value)} />
          )}
        </Field>
        <Field label="Good for" error={fieldError(create.error, 'expiresAt')}>
          {(control) => (
            <select {...control} value={days} onChange={({ target }) => setDays(Number(target.value))}>
              {Object.entries(lengths).map(([value, name]) => (
                <option key={value} value={value}>
                  {name}
                </option>
              ))}
            </select>
          )}
        </Field>
      </div>
      <FormError error={create.error} fields={['label', 'expiresAt']} />
      {url !== undefined && (
        <div className="secret" role="status">
          <p>Shown once. Whoever has this address can look at the numbers of this page:</p>
          <p>
            <code dir="ltr">{url}</code> <CopyButton text={url} what="the share link" />
          </p>
        </div>
      )}
      <div className="form-actions">
        <button type="submit" className="quiet" disabled={create.isPending}>
          Make a share link
        </button>
      </div>
    </form>
  );
}

function shareState(share: Share): string | undefined {
  if (share.revokedAt !== null) return 'Revoked';
  return Date.parse(share.expiresAt) < Date.now() ? 'Expired' : undefined;
}
