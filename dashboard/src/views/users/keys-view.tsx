import { useState } from 'react';
import { createdKeySchema, type KeyScope, keyScopes, keysSchema, type NewKey } from '#schemas/api/users.ts';
import { fieldError } from '../../api/field-errors.ts';
import { useApiMutation, useList } from '../../api/lists.ts';
import { Secret } from '../../components/copy-button.tsx';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { Checkboxes, TextField } from '../../components/inputs.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { Panel } from '../../components/panel.tsx';
import { formatDate } from '../../format/times.ts';
import { Heading } from '../shell/heading.tsx';

const scopeNames: Readonly<Record<KeyScope, string>> = {
  read: 'Read statistics',
  annotations: 'Add annotations to charts',
  links: 'Create and edit links',
  admin: 'Everything you can do',
};

/** Lists, creates and revokes the user's API keys. */
export default function KeysView() {
  const keys = useList(['keys'], (api, request) => api.send('get', '/keys', keysSchema, request));
  const revoke = useApiMutation((api, id: string) => api.remove('/keys/:id', { param: { id } }));
  return (
    <>
      <Heading
        title="API keys"
        subtitle={
          <>
            Give programs access to the API. <a href="/api/v1/openapi.json">OpenAPI description</a>
          </>
        }
      />
      <div className="grid fit">
        <Panel title="Your keys">
          <FormError error={revoke.error} />
          <LoadMore query={keys} empty="No keys yet. Create a key to use the API.">
            {(rows) => (
              <ul className="rows">
                {rows.map(({ id, label, scopes, createdAt, lastUsedAt }) => (
                  <li key={id}>
                    <span>
                      <b dir="auto">{label}</b>
                      <br />
                      <small>
                        {scopes.map((scope) => scopeNames[scope]).join(', ')} · created{' '}
                        {formatDate(createdAt.slice(0, 10))} ·{' '}
                        {lastUsedAt === null ? 'never used' : `last used ${formatDate(lastUsedAt.slice(0, 10))}`}
                      </small>
                    </span>
                    <button
                      type="button"
                      className="quiet small"
                      disabled={revoke.isPending}
                      onClick={() => revoke.mutate(id)}
                    >
                      Revoke key
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </LoadMore>
        </Panel>
        <NewKeyForm />
      </div>
    </>
  );
}

function NewKeyForm() {
  const [label, setLabel] = useState('');
  const [scopes, setScopes] = useState<KeyScope[]>(['read']);
  const create = useApiMutation((api, json: NewKey) => api.send('post', '/keys', createdKeySchema, { json }));
  return (
    <Panel title="Create a key">
      <Form onSubmit={() => create.mutate({ label: label.trim(), scopes })}>
        <TextField
          label="Name"
          error={fieldError(create.error, 'label')}
          required
          maxLength={100}
          value={label}
          onChange={setLabel}
        />
        <Checkboxes legend="Permissions" options={keyScopes} names={scopeNames} value={scopes} onChange={setScopes} />
        <FormError error={create.error} fields={['label']} />
        {create.data && <Secret name="key" text={create.data.secret} what="the key" />}
        <div className="form-actions">
          <button type="submit" className="primary" disabled={create.isPending || scopes.length === 0}>
            Create key
          </button>
        </div>
      </Form>
    </Panel>
  );
}
