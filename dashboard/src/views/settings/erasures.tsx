import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Erasure, erasureSchema, type NewErasure } from '#schemas/api/erasures.ts';
import { useApi } from '../../api/context.tsx';
import { useApiMutation } from '../../api/lists.ts';
import { plural } from '../../format/numbers.ts';
import { fieldError } from '../../api/field-errors.ts';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { SelectField, TextField } from '../../components/inputs.tsx';

const kinds = [
  { value: 'consented', label: 'Id that your site knows' },
  { value: 'visitor', label: 'Visitor id (from an export)' },
] as const;

/** Erases the events of one visitor. For admins only, because a visitor may have been on other pages. @param page its path without the slash */
export function Erasures({ page }: { page: string }) {
  const [request, setRequest] = useState<NewErasure>({ kind: 'consented', value: '' });
  const erase = useApiMutation((api, { kind, value }: NewErasure) => {
    const json = kind === 'consented' ? { kind, value, page: `/${page}` } : { kind, value };
    return api.send('post', '/erasures', erasureSchema, { json });
  });
  return (
    <section aria-labelledby="erase-visitor">
      <h3 id="erase-visitor">Erase a visitor</h3>
      <p className="soft">
        Deletes all events of one person on this page, with those before they were identified, or of a visitor on every
        page. The affected hours are recounted.
      </p>
      <Form onSubmit={() => erase.mutate(request)}>
        <div className="form-row">
          <SelectField
            label="Type"
            options={kinds}
            value={request.kind}
            onChange={(kind) => setRequest({ ...request, kind })}
          />
          <TextField
            label="Id"
            error={fieldError(erase.error, 'value')}
            required
            maxLength={1024}
            value={request.value}
            onChange={(value) => setRequest({ ...request, value })}
          />
        </div>
        <FormError error={erase.error} fields={['value']} />
        {erase.data && <Receipt key={erase.data.id} started={erase.data} what="visitor" />}
        <div className="form-actions">
          <button type="submit" className="quiet danger" disabled={erase.isPending}>
            Erase visitor
          </button>
        </div>
      </Form>
    </section>
  );
}

const pollMs = 2_000;

interface ReceiptProps {
  started: Erasure;
  /** What is erased. */
  what: 'visitor' | 'page' | 'ids';
}

const erased: Readonly<Record<ReceiptProps['what'], string>> = { visitor: 'Visitor', page: 'Page data', ids: 'Ids' };

/** The state of an erasure, polled until it has ended. */
export function Receipt({ started, what }: ReceiptProps) {
  const api = useApi();
  const { data: receipt = started } = useQuery({
    queryKey: ['erasure', started.id],
    queryFn: ({ signal }) => api.send('get', '/erasures/:id', erasureSchema, { param: { id: started.id }, signal }),
    refetchInterval: ({ state }) => ((state.data ?? started).state === 'running' ? pollMs : false),
  });
  if (receipt.state === 'failed')
    return (
      <p className="failure" role="alert">
        Couldn’t erase the {erased[what].toLowerCase()}: {receipt.message ?? 'the job failed. Try again.'}
      </p>
    );
  return (
    <p className={receipt.state === 'done' ? 'done' : 'soft'} role="status">
      {receipt.state === 'running' ? 'Erasing…' : (receipt.message ?? `${erased[what]} erased: ${summarize(receipt)}`)}
    </p>
  );
}

function summarize({ rewritten, pending }: Erasure): string {
  const later = pending.length === 0 ? '' : `, ${plural(pending.length, 'hour')} will follow after settling`;
  return `${plural(rewritten.length, 'hour')} recounted${later}.`;
}
