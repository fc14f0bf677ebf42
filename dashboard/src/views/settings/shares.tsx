import { useState } from 'react';
import { createdShareSchema, type NewShare, type Share, sharesSchema } from '#schemas/api/shares.ts';
import { useApiMutation, useList } from '../../api/lists.ts';
import { formatFullInstant } from '../../format/times.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { fieldError } from '../../api/field-errors.ts';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { SelectField, TextField } from '../../components/inputs.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { Panel } from '../../components/panel.tsx';
import { basePath } from '../../router/location.ts';

/** Links that give read-only access to the statistics of a page, without an account. */
export function Shares({ page, zone }: { page: string; zone: string }) {
  const shares = useList(['shares', page], (api, { query, signal }) =>
    api.send('get', '/shares', sharesSchema, { query: { ...query, page: `/${page}` }, signal }),
  );
  const revoke = useApiMutation((api, id: string) => api.remove('/shares/:id', { param: { id } }));
  return (
    <Panel
      title="Share links"
      hint={
        <p>
          Anyone with a share link can see this page’s overview, outcomes and live view, until it expires or you revoke
          it.
        </p>
      }
    >
      <NewShareForm page={page} />
      <FormError error={revoke.error} />
      <LoadMore
        query={shares}
        empty="No share links yet. Create one to show these statistics to someone without an account."
      >
        {(rows) => (
          <ul className="rows">
            {rows.map((share) => (
              <li key={share.id}>
                <span>
                  <b dir="auto">{share.label || 'Unnamed'}</b>{' '}
                  <small>until {formatFullInstant(share.expiresAt, zone)}</small>
                </span>
                {shareState(share) === undefined ? (
                  <button
                    type="button"
                    className="quiet small"
                    disabled={revoke.isPending}
                    onClick={() => revoke.mutate(share.id)}
                  >
                    Revoke link
                  </button>
                ) : (
                  <span className="badge">{shareState(share)}</span>
                )}
              </li>
            ))}
          </ul>
        )}
      </LoadMore>
    </Panel>
  );
}

const durations = [
  { value: 1, label: '1 day' },
  { value: 7, label: '7 days' },
  { value: 30, label: '30 days' },
  { value: 90, label: '90 days' },
  { value: 365, label: '1 year' },
];

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
    <Form onSubmit={submit}>
      <div className="form-row">
        <TextField
          label="Name"
          error={fieldError(create.error, 'label')}
          maxLength={100}
          value={label}
          onChange={setLabel}
        />
        <SelectField
          label="Expires in"
          error={fieldError(create.error, 'expiresAt')}
          options={durations}
          value={days}
          onChange={setDays}
        />
      </div>
      <FormError error={create.error} fields={['label', 'expiresAt']} />
      {url !== undefined && (
        <div className="secret" role="status">
          <p>Copy this link now. You won’t be able to see it again.</p>
          <p>
            <code dir="ltr">{url}</code> <CopyButton text={url} what="the share link" />
          </p>
        </div>
      )}
      <div className="form-actions">
        <button type="submit" className="quiet" disabled={create.isPending}>
          Create share link
        </button>
      </div>
    </Form>
  );
}

function shareState(share: Share): string | undefined {
  if (share.revokedAt !== null) return 'Revoked';
  return Date.parse(share.expiresAt) < Date.now() ? 'Expired' : undefined;
}
