import { useDeferredValue, useState } from 'react';
import { type NewPage, pagesSchema } from '#schemas/api/pages.ts';
import { pageSchema } from '#schemas/catalog.ts';
import { useApiMutation, useList } from '../../api/lists.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Field, fieldError, FormError } from '../../components/field.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { Empty, Panel } from '../../components/panel.tsx';
import { Link } from '../../router/link.tsx';
import { navigate } from '../../router/location.ts';
import { pagePath } from '../../router/routes.ts';
import { Heading } from '../shell/heading.tsx';
import type { Me } from '../shell/shell.tsx';

/** Pages that somebody may see. */
export default function PagesView({ me }: { me: Me }) {
  const [search, setSearch] = useState('');
  const [creating, setCreating] = useState(false);
  const wanted = useDeferredValue(search.trim());
  const pages = useList(['pages', wanted], (api, stretch) =>
    api.send('get', '/pages', pagesSchema, { ...stretch, query: { ...stretch.query, search: wanted } }),
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
                New page
              </button>
            )}
          </>
        }
      />
      {creating && <NewPageDialog me={me} onClose={() => setCreating(false)} />}
      <Panel
        title="All pages"
        actions={
          <input
            type="search"
            placeholder="Search"
            aria-label="Search pages"
            value={search}
            onChange={({ target }) => setSearch(target.value)}
          />
        }
      >
        <LoadMore query={pages}>
          {(rows) =>
            rows.length === 0 ? (
              <Empty>{wanted === '' ? 'No pages yet.' : 'No page matches.'}</Empty>
            ) : (
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
            )
          }
        </LoadMore>
      </Panel>
    </>
  );
}

function NewPageDialog({ me, onClose }: { me: Me; onClose: () => void }) {
  const [name, setName] = useState('');
  const [title, setTitle] = useState('');
  const [agency, setAgency] = useState(me.agency ?? '');
  const create = useApiMutation((api, json: NewPage) => api.send('post', '/pages', pageSchema, { json }));
  function submit(): void {
    const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    const body = { path: `/${name.trim()}`, title: title.trim(), timeZone, agency: agency.trim() || null };
    create.mutate(body, { onSuccess: ({ path }) => navigate(pagePath(path.slice(1), 'links')) });
  }
  return (
    <Dialog title="New page" onClose={onClose}>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field label="Title" error={fieldError(create.error, 'title')}>
          {(control) => (
            <input
              {...control}
              required
              maxLength={300}
              value={title}
              onChange={({ target }) => setTitle(target.value)}
            />
          )}
        </Field>
        <Field
          label="Name in the address"
          help={`${window.location.host}/@${name || '…'}`}
          error={fieldError(create.error, 'path')}
        >
          {(control) => (
            <input
              {...control}
              required
              pattern="[A-Za-z0-9._\-]{1,64}"
              autoCapitalize="off"
              spellCheck={false}
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
          )}
        </Field>
        {me.role === 'admin' && (
          <Field label="Agency" help="Empty for none." error={fieldError(create.error, 'agency')}>
            {(control) => (
              <input {...control} maxLength={128} value={agency} onChange={({ target }) => setAgency(target.value)} />
            )}
          </Field>
        )}
        <FormError error={create.error} fields={['title', 'path', 'agency']} />
        <div className="form-actions">
          <button type="submit" className="primary" disabled={create.isPending}>
            Create page
          </button>
        </div>
      </form>
    </Dialog>
  );
}
