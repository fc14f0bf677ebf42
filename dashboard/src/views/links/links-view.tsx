import { useDeferredValue, useState } from 'react';
import { linksSchema } from '#schemas/api/links.ts';
import { type Link as CatalogLink, linkSchema } from '#schemas/catalog.ts';
import { useApiMutation, useList } from '../../api/lists.ts';
import { useParts } from '../../api/queries.ts';
import { plural } from '../../format/numbers.ts';
import { formatDate } from '../../format/times.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { Empty, Panel } from '../../components/panel.tsx';
import { useNow } from '../../range/use-now.ts';
import { readRange } from '../../range/range.ts';
import { Link } from '../../router/link.tsx';
import { navigate, useLocation } from '../../router/location.ts';
import { linkPath } from '../../router/routes.ts';
import { toLinkBody, type Draft, linkState } from './link-draft.ts';
import { LinkForm } from './link-form.tsx';
import { shortUrl } from './short-url.ts';

const stateNames = { active: undefined, off: 'Off', waiting: 'Not started', ended: 'Ended' } as const;

/** Links of a page. `page` is its path with the slash. */
export default function LinksView({ page, zone }: { page: string; zone: string }) {
  const { query } = useLocation();
  const now = useNow();
  const [search, setSearch] = useState('');
  const [creating, setCreating] = useState(false);
  const wanted = useDeferredValue(search.trim());
  const links = useList(['links', page, wanted], (api, stretch) =>
    api.send('get', '/links', linksSchema, { ...stretch, query: { ...stretch.query, page, search: wanted } }),
  );
  const range = readRange(query, zone, now);
  const counts = useParts({ kind: 'pages', name: page.slice(1) }, range, ['links']);
  const clicksOf = new Map(counts.data?.links?.map(({ code, clicks }) => [code, clicks]));
  return (
    <Panel
      title="Links"
      className="wide"
      hint={
        <p>
          Clicks from {formatDate(range.from.slice(0, 10))} to {formatDate(range.to.slice(0, 10))}, the period chosen in
          the overview. They stand at the links with the most, and at the newest; a link’s own view has them always.
        </p>
      }
      actions={
        <>
          <input
            type="search"
            placeholder="Search"
            aria-label="Search links"
            value={search}
            onChange={({ target }) => setSearch(target.value)}
          />
          <Link className="quiet" to="/import">
            Import
          </Link>
          <button type="button" className="primary" onClick={() => setCreating(true)}>
            New link
          </button>
        </>
      }
    >
      {creating && <NewLinkDialog page={page} onClose={() => setCreating(false)} />}
      <LoadMore query={links}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty>{wanted === '' ? 'No links yet. Make the first one.' : 'No link matches.'}</Empty>
          ) : (
            <ul className="link-rows">
              {rows.map((link) => (
                <LinkRow key={link.code} link={link} now={now} clicks={clicksOf.get(link.code)} />
              ))}
            </ul>
          )
        }
      </LoadMore>
    </Panel>
  );
}

function NewLinkDialog({ page, onClose }: { page: string; onClose: () => void }) {
  const create = useApiMutation((api, draft: Draft) => {
    const code = draft.code.trim();
    const body = { ...toLinkBody(draft), page, ...(code !== '' && { code }) };
    return api.send('post', '/links', linkSchema, { json: body });
  });
  return (
    <Dialog title="New link" onClose={onClose}>
      <LinkForm
        action="Create link"
        saving={create}
        onSave={(draft) => create.mutate(draft, { onSuccess: ({ code }) => navigate(linkPath(code, 'share')) })}
      />
    </Dialog>
  );
}

interface LinkRowProps {
  link: CatalogLink;
  clicks: number | undefined;
  now: number;
}

function LinkRow({ link, clicks, now }: LinkRowProps) {
  const state = stateNames[linkState(link, now)];
  return (
    <li className="link-row">
      <div>
        <Link to={linkPath(link.code)} dir="auto" className="link-title">
          {link.title ?? link.url}
        </Link>{' '}
        {state !== undefined && <span className="badge">{state}</span>}
        {!link.listed && <span className="badge">Not on the page</span>}
        <p className="soft">
          <span dir="ltr">
            {window.location.host}/<b>{link.code}</b>
          </span>
          <span aria-hidden="true"> → </span>
          <span dir="ltr">{link.url}</span>
        </p>
      </div>
      {clicks !== undefined && <span className="link-clicks">{plural(clicks, 'click')}</span>}
      <CopyButton text={shortUrl(link.code)} what={`the short link of ${link.title ?? link.code}`} />
    </li>
  );
}
