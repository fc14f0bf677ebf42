import { useState } from 'react';
import { type LinkChange, type LinkView, linkViewSchema } from '#schemas/api/links.ts';
import { linkLimits, normalizeTag } from '#schemas/catalog-rules.ts';
import { createLinkFile } from '#schemas/export/links.ts';
import { useApiMutation } from '../../api/lists.ts';
import { Dialog } from '../../components/dialog.tsx';
import { downloadLinks } from '../../components/download.ts';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { TextField } from '../../components/inputs.tsx';
import { plural } from '../../format/numbers.ts';
import { parseTags } from './link-draft.ts';

interface BulkActionsProps {
  /** At least one. */
  links: readonly LinkView[];
  onDone: () => void;
}

/** Changes the selected links one after another; what fails stays selected with its reason. */
export function BulkActions({ links, onDone }: BulkActionsProps) {
  const [asking, setAsking] = useState<'tags' | 'campaign'>();
  const save = useApiMutation(async (api, change: (link: LinkView) => LinkChange) => {
    for (const link of links)
      await api.send('patch', '/links/:code', linkViewSchema, { param: { code: link.code }, json: change(link) });
  });
  function apply(change: (link: LinkView) => LinkChange): void {
    setAsking(undefined);
    // Not a callback of `mutate`: the links may leave the list, and this bar with them.
    save.mutateAsync(change).then(onDone, () => undefined);
  }
  const allArchived = links.every(({ archived }) => archived);
  const allOff = links.every(({ enabled }) => !enabled);
  return (
    <div className="bulk" role="group" aria-label="Selected links">
      <b>{plural(links.length, 'link')} selected</b>
      <button type="button" className="quiet" onClick={() => setAsking('tags')}>
        Add tags…
      </button>
      <button type="button" className="quiet" onClick={() => setAsking('campaign')}>
        Move to campaign…
      </button>
      <button type="button" className="quiet" onClick={() => apply(() => ({ enabled: allOff }))}>
        {allOff ? 'Switch on' : 'Switch off'}
      </button>
      <button type="button" className="quiet" onClick={() => apply(() => ({ archived: !allArchived }))}>
        {allArchived ? 'Take out of the archive' : 'Archive'}
      </button>
      <button type="button" className="quiet" onClick={() => downloadLinks(createLinkFile('csv'), links)}>
        Export CSV
      </button>
      {save.isPending && <span role="status">Saving…</span>}
      <FormError error={save.error} />
      {asking !== undefined && (
        <AskText
          title={asking === 'tags' ? 'Add tags' : 'Move to a campaign'}
          label={asking === 'tags' ? 'Tags, separated by commas' : 'Campaign; leave it empty for none'}
          maxLength={asking === 'tags' ? 500 : 128}
          onClose={() => setAsking(undefined)}
          onSave={(text) => apply(asking === 'tags' ? addTags(text) : () => ({ campaign: text.trim() || null }))}
        />
      )}
    </div>
  );
}

function addTags(text: string): (link: LinkView) => LinkChange {
  const added = parseTags(text).map(normalizeTag);
  return ({ tags }) => ({ tags: [...new Set([...tags, ...added])].slice(0, linkLimits.tags) });
}

interface AskTextProps {
  title: string;
  label: string;
  maxLength: number;
  onClose: () => void;
  onSave: (text: string) => void;
}

function AskText({ title, label, maxLength, onClose, onSave }: AskTextProps) {
  const [text, setText] = useState('');
  return (
    <Dialog title={title} onClose={onClose}>
      <Form onSubmit={() => onSave(text)}>
        <TextField label={label} maxLength={maxLength} value={text} onChange={setText} />
        <div className="form-actions">
          <button type="submit" className="primary">
            Save links
          </button>
        </div>
      </Form>
    </Dialog>
  );
}
