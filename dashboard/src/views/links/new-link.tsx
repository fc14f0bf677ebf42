import { linkViewSchema } from '#schemas/api/links.ts';
import { useApiMutation } from '../../api/lists.ts';
import { Dialog } from '../../components/dialog.tsx';
import { navigate } from '../../router/location.ts';
import { linkPath } from '../../router/routes.ts';
import { type Draft, toLinkBody } from './link-draft.ts';
import { LinkForm } from './link-form.tsx';

/** @param page path with the slash */
export function NewLinkDialog({ page, onClose }: { page: string; onClose: () => void }) {
  const create = useApiMutation((api, draft: Draft) => {
    const code = draft.code.trim();
    const body = { ...toLinkBody(draft), page, ...(code !== '' && { code }) };
    return api.send('post', '/links', linkViewSchema, { json: body });
  });
  return (
    <Dialog title="Add a link" onClose={onClose}>
      <LinkForm
        action="Create link"
        saving={create}
        onSave={(draft) => create.mutate(draft, { onSuccess: ({ code }) => navigate(linkPath(code, 'share')) })}
      />
    </Dialog>
  );
}
