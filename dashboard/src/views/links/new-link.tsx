import { useState } from 'react';
import { linkViewSchema } from '#schemas/api/links.ts';
import { useApiMutation } from '../../api/lists.ts';
import { Dialog } from '../../components/dialog.tsx';
import { navigate } from '../../router/location.ts';
import { linkPath } from '../../router/routes.ts';
import { usePage } from '../pages/use-page.ts';
import { type Draft, toDraft, toLinkBody } from './link-draft.ts';
import { LinkForm } from './link-form.tsx';
import { LinkResult } from './link-result.tsx';
import { useLinkPreview } from './use-link-preview.ts';

/** Creates a link. Title and code are those of the page until they are typed. @param page path with the slash */
export function NewLinkDialog({ page, onClose }: { page: string; onClose: () => void }) {
  const [typed, setTyped] = useState<Partial<Draft>>({});
  const { domains = [], domain } = usePage(page.slice(1)).data ?? {};
  const preview = useLinkPreview(typed.url ?? '');
  const { title, codes = [] } = preview.data ?? {};
  const draft = { ...toDraft(), domain: domain ?? '', title: title ?? '', code: codes[0] ?? '', ...typed };
  const create = useApiMutation((api) => {
    const code = draft.code.trim();
    const body = { ...toLinkBody(draft), page, ...(code !== '' && { code }) };
    return api.send('post', '/links', linkViewSchema, { json: body });
  });
  return (
    <Dialog title="Add a link" wide onClose={onClose}>
      <LinkForm
        draft={draft}
        onChange={(change) => setTyped((known) => ({ ...known, ...change }))}
        codes={codes}
        domains={domains}
        result={<LinkResult draft={draft} preview={preview} />}
        action="Create link"
        saving={create}
        onSave={() => create.mutate(undefined, { onSuccess: ({ code }) => navigate(linkPath(code, 'share')) })}
      />
    </Dialog>
  );
}
