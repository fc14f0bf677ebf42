import { useState } from 'react';
import { createdKeySchema, type KeyScope, keyScopes, keysSchema, type NewKey } from '#schemas/api/users.ts';
import { useApiMutation, useList } from '../../api/lists.ts';
import { formatDate } from '../../format/times.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Field, fieldError, FormError } from '../../components/field.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { Empty, Panel } from '../../components/panel.tsx';
import { Heading } from '../shell/heading.tsx';

const scopeNames: Readonly<Record<KeyScope, string>> = {
  read: 'Read numbers',
  links: 'Make and change links',
  admin: 'Everything that you may do',
};

/** Keys by which programs act for whoever is signed in. */
export default function KeysView() {
  const keys = useList(['keys'], (api, stretch) => api.send('get', '/keys', keysSchema, stretch));
  const revoke = useApiMutation((api, id: string) => api.remove('/keys/:id', { param: { id } }));
  return (
    <>
      <Heading
        title="API keys"
        subtitle={
          <>
            For programs. The API describes itself at <a href="/api/v1/openapi.json">openapi.json</a>.
          </>
        }
      />
      <div className="grid fit">
        <Panel title="Your keys">
          <FormError error={revoke.error} fields={[]} />
          <LoadMore query={keys}>
            {(rows) =>
              rows.length === 0 ? (
                <Empty>No keys.</Empty>
              ) : (
                <ul className="rows">
                  {rows.map(({ id, label, scopes, createdAt, lastUsedAt }) => (
                    <li key={id}>
                      <span>
                        <b dir="auto">{label}</b>
                        <br />
                        <small>
                          {scopes.map((scope) => scopeNames[scope]).join(', ')} · made{' '}
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
                        Revoke
                      </button>
                    </li>
                  ))}
                </ul>
              )
            }
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
    <Panel title="New key">
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate({ label: label.trim(), scopes });
        }}
      >
        <Field label="What it is for" error={fieldError(create.error, 'label')}>
          {(control) => (
            <input
              {...control}
              required
              maxLength={100}
              value={label}
              onChange={({ target }) => setLabel(target.value)}
            />
          )}
        </Field>
        <fieldset>
          <legend>What it may do</legend>
          {keyScopes.map((scope) => (
            <label className="check" key={scope}>
              <input
                type="checkbox"
                checked={scopes.includes(scope)}
                onChange={({ target }) =>
                  setScopes(keyScopes.filter((each) => (each === scope ? target.checked : scopes.includes(each))))
                }
              />
              {scopeNames[scope]}
            </label>
          ))}
        </fieldset>
        <FormError error={create.error} fields={['label']} />
        {create.data && (
          <div className="secret" role="status">
            <p>Shown once. Keep it where secrets are kept:</p>
            <p>
              <code>{create.data.secret}</code> <CopyButton text={create.data.secret} what="the key" />
            </p>
          </div>
        )}
        <div className="form-actions">
          <button type="submit" className="primary" disabled={create.isPending || scopes.length === 0}>
            Make key
          </button>
        </div>
      </form>
    </Panel>
  );
}
