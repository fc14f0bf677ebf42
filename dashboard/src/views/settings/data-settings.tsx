import { useState } from 'react';
import { erasureSchema } from '#schemas/api/erasures.ts';
import { useApiMutation } from '../../api/lists.ts';
import { useMe } from '../../api/queries.ts';
import { Dialog } from '../../components/dialog.tsx';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { TextField } from '../../components/inputs.tsx';
import { Panel } from '../../components/panel.tsx';
import { HistoryImports } from '../history/history-imports.tsx';
import { Erasures, Receipt } from './erasures.tsx';
import { Exports } from './exports.tsx';
import { LinkExport } from './link-export.tsx';

/** Imports, exports, and last what destroys data. @param page its path without the slash */
export function DataSettings({ page, zone }: { page: string; zone: string }) {
  const me = useMe();
  return (
    <>
      <HistoryImports page={page} zone={zone} />
      <LinkExport page={page} />
      <Exports page={page} zone={zone} />
      <Panel title="Danger zone" className="danger-zone">
        {me.data?.role === 'admin' ? (
          <div className="form">
            <Erasures page={page} />
            <hr />
            <WholeErasure page={page} {...ids} />
            <hr />
            <WholeErasure page={page} {...everything} />
          </div>
        ) : (
          <p className="soft">To erase a visitor or this page’s data, ask an admin. Both can’t be undone.</p>
        )}
      </Panel>
    </>
  );
}

/** Something of a whole page that can be erased. */
interface Erasable {
  kind: 'ids' | 'page';
  title: string;
  explanation: string;
  warning: string;
  /** Verb and object, for the button. */
  button: string;
}

const ids: Erasable = {
  kind: 'ids',
  title: 'Erase the ids of this page’s people',
  explanation:
    'Deletes the ids that were stored for this page until now. Its events stay and count as before, but a person can no longer be recognized on another day.',
  warning: 'This can’t be undone. Numbers of people who came back begin anew.',
  button: 'Erase ids',
};

const everything: Erasable = {
  kind: 'page',
  title: 'Erase this page’s data',
  explanation:
    'Deletes its events, counters, alerts, share links and exports. Its links keep working, but nothing is ever counted for them again.',
  warning: 'This can’t be undone, and the page can’t be used for counting again.',
  button: 'Erase page data',
};

function WholeErasure({ page, ...erasable }: Erasable & { page: string }) {
  const [asking, setAsking] = useState(false);
  const { kind, title, explanation, button } = erasable;
  return (
    <section aria-labelledby={`erase-${kind}`}>
      <h3 id={`erase-${kind}`}>{title}</h3>
      <p className="soft">{explanation}</p>
      <button type="button" className="quiet danger" onClick={() => setAsking(true)}>
        {button}…
      </button>
      {asking && <ErasureDialog page={page} {...erasable} onClose={() => setAsking(false)} />}
    </section>
  );
}

interface ErasureDialogProps extends Erasable {
  page: string;
  onClose: () => void;
}

function ErasureDialog({ page, kind, warning, button, onClose }: ErasureDialogProps) {
  const [typed, setTyped] = useState('');
  const path = `/${page}`;
  const erase = useApiMutation((api) => api.send('post', '/erasures', erasureSchema, { json: { kind, value: path } }));
  const what = kind === 'ids' ? 'ids' : 'data';
  return (
    <Dialog title={`Erase the ${what} of ${path}?`} onClose={onClose}>
      <Form onSubmit={() => erase.mutate(undefined)}>
        <p>{warning}</p>
        <TextField
          label={`Type ${path} to confirm`}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          value={typed}
          onChange={setTyped}
        />
        <FormError error={erase.error} />
        {erase.data && <Receipt started={erase.data} what={kind} />}
        <div className="form-actions">
          <button
            type="submit"
            className="primary destructive"
            disabled={typed.trim() !== path || erase.isPending || erase.isSuccess}
          >
            {button}
          </button>
        </div>
      </Form>
    </Dialog>
  );
}
