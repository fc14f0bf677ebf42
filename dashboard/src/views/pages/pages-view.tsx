import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Home, homeSchema } from '#schemas/api/agencies.ts';
import { type NewPage, pageViewSchema } from '#schemas/api/pages.ts';
import { useApi } from '../../api/context.tsx';
import { useApiMutation } from '../../api/lists.ts';
import { AgencyField } from '../../choosers/agency-field.tsx';
import { browserZone, ZoneField } from '../../choosers/zone-field.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { fieldError } from '../../api/field-errors.ts';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { TextField } from '../../components/inputs.tsx';
import { Loaded, Panel } from '../../components/panel.tsx';
import { RangeBar } from '../../range/range-bar.tsx';
import { readRange } from '../../range/range.ts';
import { useNow } from '../../range/use-now.ts';
import { Link } from '../../router/link.tsx';
import { navigate, useLocation } from '../../router/location.ts';
import { pagePath } from '../../router/routes.ts';
import { PagesFreshness } from '../agency/agency-view.tsx';
import { Heading } from '../shell/heading.tsx';
import { PageTable } from './page-table.tsx';
import type { Me } from '../shell/shell.tsx';

/** The pages that the user has access to, with their numbers. */
export default function PagesView({ me }: { me: Me }) {
  const { query } = useLocation();
  const [creating, setCreating] = useState(false);
  const now = useNow();
  const zone = browserZone();
  const range = readRange(query, zone, now);
  const home = useHome(range.dates.from, range.dates.to);
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
      <RangeBar range={range} />
      <Panel
        title="All pages"
        hint={
          <>
            <p>
              <b>Now</b> counts views and clicks of the last five minutes. <b>Change</b> compares the period with the
              one before, up to the same time of day.
            </p>
            <p>Days are counted in the time zone of each page.</p>
          </>
        }
      >
        <Loaded query={home} rows={8}>
          {(value) => (
            <div className="stack">
              <PageTable
                pages={value.pages}
                days={value.days.length}
                groups={me.role === 'admin'}
                empty={emptyText(me)}
              />
              <PagesFreshness response={value} zone={zone} now={now} />
            </div>
          )}
        </Loaded>
      </Panel>
    </>
  );
}

/** The API's limit. */
const pagesPerRequest = 200;

/** Requests of one load: 2,000 pages. */
const maxRequests = 10;

/** Reads all pages with their numbers, because the view sorts them. */
function useHome(from: string, to: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['home', from, to],
    queryFn: async ({ signal }): Promise<Home> => {
      const pages: Home['pages'] = [];
      let cursor: string | undefined;
      for (let request = 1; ; request++) {
        const query = { from, to, cursor, limit: pagesPerRequest };
        const found = await api.send('get', '/home', homeSchema, { query, signal });
        pages.push(...found.pages);
        cursor = found.next ?? undefined;
        if (cursor === undefined || request === maxRequests) return { ...found, pages };
      }
    },
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
}

function emptyText({ role }: Me): string {
  return role === 'creator'
    ? 'No pages yet. Ask an admin to give you access to a page.'
    : 'No pages yet. Add a page to start counting views and clicks.';
}

function NewPageDialog({ me, onClose }: { me: Me; onClose: () => void }) {
  const [name, setName] = useState('');
  const [title, setTitle] = useState('');
  const [agency, setAgency] = useState(me.agency);
  const [timeZone, setTimeZone] = useState(browserZone);
  const create = useApiMutation((api, json: NewPage) => api.send('post', '/pages', pageViewSchema, { json }));
  function submit(): void {
    const body = { path: `/${name.trim()}`, title: title.trim(), timeZone, agency: agency?.trim() || null };
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
        <ZoneField
          help="Its days begin and end in this time zone."
          error={fieldError(create.error, 'timeZone')}
          value={timeZone}
          onChange={setTimeZone}
        />
        {me.role === 'admin' && (
          <AgencyField error={fieldError(create.error, 'agency')} value={agency} onChange={setAgency} />
        )}
        <FormError error={create.error} fields={['title', 'path', 'timeZone', 'agency']} />
        <div className="form-actions">
          <button type="submit" className="primary" disabled={create.isPending}>
            Create page
          </button>
        </div>
      </Form>
    </Dialog>
  );
}
