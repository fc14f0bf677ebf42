import { useState } from 'react';
import { createdIngestKeySchema, ingestKeysSchema } from '#schemas/api/ingest-keys.ts';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../api/context.tsx';
import { fieldError } from '../../api/field-errors.ts';
import { useApiMutation } from '../../api/lists.ts';
import { Secret } from '../../components/copy-button.tsx';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { TextField } from '../../components/inputs.tsx';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { formatDate } from '../../format/times.ts';

interface IngestKeysProps {
  page: string;
  /** The text of a key that was just created. */
  created: string | undefined;
  onCreated: (key: string) => void;
}

/** Keys with which servers send events of a page. */
export function IngestKeys({ page, created, onCreated }: IngestKeysProps) {
  const api = useApi();
  const keys = useQuery({
    queryKey: ['ingest-keys', page],
    queryFn: ({ signal }) => api.send('get', '/pages/:page/ingest-keys', ingestKeysSchema, { param: { page }, signal }),
  });
  const revoke = useApiMutation((client, id: string) =>
    client.remove('/pages/:page/ingest-keys/:id', { param: { page, id } }),
  );
  return (
    <Panel
      title="Ingest keys"
      hint={<p>A server needs a key to send events of this page. A key can do nothing else.</p>}
    >
      <NewKeyForm page={page} created={created} onCreated={onCreated} />
      <FormError error={revoke.error} />
      <Loaded query={keys}>
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty>No ingest keys yet. Create one for each server that sends events.</Empty>
          ) : (
            <ul className="rows">
              {rows.map(({ id, label, createdAt }) => (
                <li key={id}>
                  <span>
                    <b dir="auto">{label}</b> <small>since {formatDate(createdAt.slice(0, 10))}</small>
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
          )
        }
      </Loaded>
    </Panel>
  );
}

function NewKeyForm({ page, created, onCreated }: IngestKeysProps) {
  const [label, setLabel] = useState('');
  const create = useApiMutation((api, name: string) =>
    api.send('post', '/pages/:page/ingest-keys', createdIngestKeySchema, { param: { page }, json: { label: name } }),
  );
  function submit(): void {
    create.mutate(label.trim(), {
      onSuccess: ({ secret }) => {
        onCreated(secret);
        setLabel('');
      },
    });
  }
  return (
    <Form onSubmit={submit}>
      <TextField
        label="Name"
        help="What sends the events, such as Shop server."
        error={fieldError(create.error, 'label')}
        maxLength={100}
        required
        value={label}
        onChange={setLabel}
      />
      <FormError error={create.error} fields={['label']} />
      {created !== undefined && <Secret name="key" text={created} what="the ingest key" />}
      <div className="form-actions">
        <button type="submit" className="quiet" disabled={create.isPending}>
          Create ingest key
        </button>
      </div>
    </Form>
  );
}
