import { useState } from 'react';
import { erasureSchema } from '#schemas/api/erasures.ts';
import { useApiMutation } from '../../api/lists.ts';
import { useMe } from '../../api/queries.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { TextField } from '../../components/inputs.tsx';
import { Panel } from '../../components/panel.tsx';
import { Erasures, Receipt } from './erasures.tsx';
import { Exports } from './exports.tsx';

/** Exports, and last what destroys data. @param page its path without the slash */
export function DataSettings({ page, zone }: { page: string; zone: string }) {
  const me = useMe();
  return (
    <>
      <Exports page={page} zone={zone} />
      <Panel title="Danger zone" className="danger-zone">
        {me.data?.role === 'admin' ? (
          <div className="form">
            <Erasures />
            <hr />
            <PageErasure page={page} />
          </div>
        ) : (
          <p className="soft">To erase a visitor or this page’s data, ask an admin. Both can’t be undone.</p>
        )}
      </Panel>
    </>
  );
}

function PageErasure({ page }: { page: string }) {
  const [asking, setAsking] = useState(false);
  return (
    <section aria-labelledby="erase-page">
      <h3 id="erase-page">Erase this page’s data</h3>
      <p className="soft">
        Deletes its events, counters, alerts, share links and exports. Its links keep working, but nothing is ever
        counted for them again.
      </p>
      <button type="button" className="quiet danger" onClick={() => setAsking(true)}>
        Erase page data…
      </button>
      {asking && <PageErasureDialog page={page} onClose={() => setAsking(false)} />}
    </section>
  );
}

function PageErasureDialog({ page, onClose }: { page: string; onClose: () => void }) {
  const [typed, setTyped] = useState('');
  const path = `/${page}`;
  const erase = useApiMutation((api) =>
    api.send('post', '/erasures', erasureSchema, { json: { kind: 'page', value: path } }),
  );
  return (
    <Dialog title={`Erase the data of ${path}?`} onClose={onClose}>
      <Form onSubmit={() => erase.mutate(undefined)}>
        <p>This can’t be undone, and the page can’t be used for counting again.</p>
        <TextField
          label={`Type ${path} to confirm`}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={typed}
          onChange={setTyped}
        />
        <FormError error={erase.error} />
        {erase.data && <Receipt started={erase.data} what="page" />}
        <div className="form-actions">
          <button
            type="submit"
            className="primary destructive"
            disabled={typed.trim() !== path || erase.isPending || erase.isSuccess}
          >
            Erase page data
          </button>
        </div>
      </Form>
    </Dialog>
  );
}
