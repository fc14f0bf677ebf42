import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Erasure, erasureSchema, type NewErasure } from '#schemas/api/erasures.ts';
import { useApi } from '../../api/context.tsx';
import { useApiMutation } from '../../api/lists.ts';
import { useMe } from '../../api/queries.ts';
import { plural } from '../../format/numbers.ts';
import { Field, fieldError, FormError } from '../../components/field.tsx';
import { Panel } from '../../components/panel.tsx';

/** Erases what is stored of one visitor. Admins do that: it concerns whatever page the visitor was on. */
export function Erasures() {
  const me = useMe();
  const [wanted, setWanted] = useState<NewErasure>({ kind: 'consented', value: '' });
  const erase = useApiMutation((api, json: NewErasure) => api.send('post', '/erasures', erasureSchema, { json }));
  if (me.data?.role !== 'admin') return null;
  return (
    <Panel
      title="Erase a visitor"
      hint={
        <p>
          Removes the events of one person from what is stored, and counts the hours concerned again without them. It
          cannot be undone.
        </p>
      }
    >
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          erase.mutate(wanted);
        }}
      >
        <div className="form-row">
          <Field label="By">
            {(control) => (
              <select
                {...control}
                value={wanted.kind}
                onChange={({ target }) =>
                  setWanted({ ...wanted, kind: target.value === 'visitor' ? 'visitor' : 'consented' })
                }
              >
                <option value="consented">Consented id</option>
                <option value="visitor">Visitor id, from an export</option>
              </select>
            )}
          </Field>
          <Field label="Id" error={fieldError(erase.error, 'value')}>
            {(control) => (
              <input
                {...control}
                required
                maxLength={128}
                value={wanted.value}
                onChange={({ target }) => setWanted({ ...wanted, value: target.value })}
              />
            )}
          </Field>
        </div>
        <FormError error={erase.error} fields={['value']} />
        {erase.data && <Receipt key={erase.data.id} started={erase.data} />}
        <div className="form-actions">
          <button type="submit" className="quiet danger" disabled={erase.isPending}>
            Erase for good
          </button>
        </div>
      </form>
    </Panel>
  );
}

/** Milliseconds between two looks at an erasure that runs. */
const pollEvery = 2_000;

/** What became of an erasure, followed until it has ended. */
function Receipt({ started }: { started: Erasure }) {
  const api = useApi();
  const { data: receipt = started } = useQuery({
    queryKey: ['erasure', started.id],
    queryFn: ({ signal }) => api.send('get', '/erasures/:id', erasureSchema, { param: { id: started.id }, signal }),
    refetchInterval: ({ state }) => ((state.data ?? started).state === 'running' ? pollEvery : false),
  });
  if (receipt.state === 'failed')
    return (
      <p className="failure" role="alert">
        Not erased: {receipt.message ?? 'the job failed.'}
      </p>
    );
  return (
    <p className={receipt.state === 'done' ? 'done' : 'soft'} role="status">
      {receipt.state === 'running'
        ? 'Erasing…'
        : `Erased: ${plural(receipt.rewritten.length, 'hour')} written again, ${receipt.pending.length} to follow when they settle.`}
    </p>
  );
}
