import { useDeferredValue, useState } from 'react';
import { type NewPage, pagesSchema, pageViewSchema } from '#schemas/api/pages.ts';
import { useApiMutation, useList } from '../../api/lists.ts';
import { Dialog } from '../../components/dialog.tsx';
import { fieldError } from '../../api/field-errors.ts';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { TextField } from '../../components/inputs.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { Panel } from '../../components/panel.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { Link } from '../../router/link.tsx';
import { navigate } from '../../router/location.ts';
import { pagePath } from '../../router/routes.ts';
import { Heading } from '../shell/heading.tsx';
import type { Me } from '../shell/shell.tsx';

/** The pages that the user has access to. */
export default function PagesView({ me }: { me: Me }) {
  const [search, setSearch] = useState('');
  const [creating, setCreating] = useState(false);
  const term = useDeferredValue(search.trim());
  const pages = useList(['pages', term], (api, request) =>
    api.send('get', '/pages', pagesSchema, { ...request, query: { ...request.query, search: term } }),
  );
  return (
    <>
      <Heading
        title="Pages"
        actions={
          <>
            <Link className="quiet" to="/import">
              Import links
            </Link>
            {me.role !== 'creator' && (
              <button type="button" className="primary" onClick={() => setCreating(true)}>
                Add page
              </button>
            )}
          </>
        }
      />
      {creating && <NewPageDialog me={me} onClose={() => setCreating(false)} />}
      <Panel title="All pages" actions={<SearchField label="Search pages" value={search} onChange={setSearch} />}>
        <LoadMore query={pages} empty={term === '' ? emptyText(me) : 'No matching pages.'}>
          {(rows) => (
            <ul className="rows">
              {rows.map(({ path, title, agency }) => (
                <li key={path}>
                  <span>
                    <Link to={pagePath(path.slice(1))} dir="auto">
                      {title}
                    </Link>{' '}
                    <small>{path}</small>
                  </span>
                  {agency !== null && <span className="badge">{agency}</span>}
                </li>
              ))}
            </ul>
          )}
        </LoadMore>
      </Panel>
    </>
  );
}

function emptyText({ role }: Me): string {
  return role === 'creator'
    ? 'No pages yet. Ask an admin to give you access to a page.'
    : 'No pages yet. Add a page to start counting views and clicks.';
}

function NewPageDialog({ me, onClose }: { me: Me; onClose: () => void }) {
  const [name, setName] = useState('');
  const [title, setTitle] = useState('');
  const [agency, setAgency] = useState(me.agency ?? '');
  const create = useApiMutation((api, json: NewPage) => api.send('post', '/pages', pageViewSchema, { json }));
  function submit(): void {
    const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const body = { path: `/${name.trim()}`, title: title.trim(), timeZone, agency: agency.trim() || null };
    create.mutate(body, { onSuccess: ({ path }) => navigate(pagePath(path.slice(1), 'links')) });
  }
  return (
    <Dialog title="Add a page" onClose={onClose}>
      <Form onSubmit={submit}>
        <TextField
          label="Title"
          error={fieldError(create.error, 'title')}
          required
          maxLength={300}
          value={title}
          onChange={setTitle}
        />
        <TextField
          label="Path"
          help={`${window.location.host}/@${name || '…'}`}
          error={fieldError(create.error, 'path')}
          required
          pattern="[A-Za-z0-9._\-]{1,64}"
          autoCapitalize="off"
          spellCheck={false}
          value={name}
          onChange={setName}
        />
        {me.role === 'admin' && (
          <TextField
            label="Agency (optional)"
            error={fieldError(create.error, 'agency')}
            maxLength={128}
            value={agency}
            onChange={setAgency}
          />
        )}
        <FormError error={create.error} fields={['title', 'path', 'agency']} />
        <div className="form-actions">
          <button type="submit" className="primary" disabled={create.isPending}>
            Create page
          </button>
        </div>
      </Form>
    </Dialog>
  );
}
