import { useDeferredValue, useState } from 'react';
import { linksSchema, type LinkView, linkViewSchema } from '#schemas/api/links.ts';
import { useApiMutation, useList } from '../../api/lists.ts';
import { useParts } from '../../api/queries.ts';
import { plural } from '../../format/numbers.ts';
import { formatDate } from '../../format/times.ts';
import { CopyButton } from '../../components/copy-button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { Panel } from '../../components/panel.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { useNow } from '../../range/use-now.ts';
import { readRange } from '../../range/range.ts';
import { Link } from '../../router/link.tsx';
import { navigate, useLocation } from '../../router/location.ts';
import { linkPath } from '../../router/routes.ts';
import { toLinkBody, type Draft, linkState } from './link-draft.ts';
import { LinkForm } from './link-form.tsx';
import { shortUrl } from './short-url.ts';

const stateNames = { active: undefined, disabled: 'Disabled', scheduled: 'Scheduled', expired: 'Expired' } as const;

/** The links of a page. @param page its path with the slash */
export default function LinksView({ page, zone }: { page: string; zone: string }) {
  const { query } = useLocation();
  const now = useNow();
  const [search, setSearch] = useState('');
  const [creating, setCreating] = useState(false);
  const term = useDeferredValue(search.trim());
  const links = useList(['links', page, term], (api, request) =>
    api.send('get', '/links', linksSchema, { ...request, query: { ...request.query, page, search: term } }),
  );
  const range = readRange(query, zone, now);
  const parts = useParts({ kind: 'pages', name: page.slice(1) }, range, ['links']);
  const clicksByCode = new Map(parts.data?.links?.map(({ code, clicks }) => [code, clicks]));
  return (
    <Panel
      title="Links"
      className="wide"
      hint={
        <p>
          Clicks from {formatDate(range.from.slice(0, 10))} to {formatDate(range.to.slice(0, 10))}, the period selected
          in the overview, for the most clicked and the newest links. For other links, open the link.
        </p>
      }
      actions={
        <>
          <SearchField label="Search links" value={search} onChange={setSearch} />
          <Link className="quiet" to="/import">
            Import links
          </Link>
          <button type="button" className="primary" onClick={() => setCreating(true)}>
            Add link
          </button>
        </>
      }
    >
      {creating && <NewLinkDialog page={page} onClose={() => setCreating(false)} />}
      <LoadMore
        query={links}
        empty={term === '' ? 'No links yet. Add a link to start counting clicks.' : 'No matching links.'}
      >
        {(rows) => (
          <ul className="link-rows">
            {rows.map((link) => (
              <LinkRow key={link.code} link={link} now={now} clicks={clicksByCode.get(link.code)} />
            ))}
          </ul>
        )}
      </LoadMore>
    </Panel>
  );
}

function NewLinkDialog({ page, onClose }: { page: string; onClose: () => void }) {
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

interface LinkRowProps {
  link: LinkView;
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
        {!link.listed && <span className="badge">Unlisted</span>}
        <p className="soft">
          <span dir="ltr">
            {window.location.host}/<b>{link.code}</b>
          </span>
          <span aria-hidden="true"> → </span>
          <span dir="ltr">{link.url}</span>
        </p>
      </div>
      {clicks !== undefined && <span className="link-clicks">{plural(clicks, 'click')}</span>}
      <CopyButton text={shortUrl(link.code)} what={`the short link for ${link.title ?? link.code}`} />
    </li>
  );
}
