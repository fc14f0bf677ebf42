import { useQueries } from '@tanstack/react-query';
import { useState } from 'react';
import { linkClicksLimits, linkClicksSchema, linksSchema, type LinkView } from '#schemas/api/links.ts';
import { useApi } from '../../api/context.tsx';
import { useFullList } from '../../api/lists.ts';
import { MoreButton } from '../../components/load-more.tsx';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { formatDate } from '../../format/times.ts';
import { readRange } from '../../range/range.ts';
import { useNow } from '../../range/use-now.ts';
import { Link } from '../../router/link.tsx';
import { useLocation } from '../../router/location.ts';
import { importPath } from '../../router/routes.ts';
import { BulkActions } from './bulk-actions.tsx';
import { type LinkClicks, filterLinks, readFilters, sortLinks } from './link-filters.ts';
import { FilterBar } from './filter-bar.tsx';
import { LinkRow } from './link-row.tsx';
import { NewLinkDialog } from './new-link.tsx';
import { useSiteIcons } from './site-icon.tsx';

const dayMs = 86_400_000;

/** Rows at first, and with each “Show more”. */
const pageSize = 50;

/** The links of a page. @param page its path with the slash */
export default function LinksView({ page, zone }: { page: string; zone: string }) {
  const { query } = useLocation();
  const now = useNow();
  const [creating, setCreating] = useState(false);
  const links = useFullList(['links', page, 'all'], (api, request) =>
    api.send('get', '/links', linksSchema, { ...request, query: { ...request.query, page, archived: 'include' } }),
  );
  const period = clicksPeriod(readRange(query, zone, now).dates);
  return (
    <Panel
      title="Links"
      className="wide"
      hint={
        <p>
          Clicks from {formatDate(period.from)} to {formatDate(period.to)}: the period selected in the overview, at most{' '}
          {linkClicksLimits.days} days.
        </p>
      }
      actions={
        <>
          <Link className="quiet" to={importPath(page)}>
            Import links
          </Link>
          <button type="button" className="primary" onClick={() => setCreating(true)}>
            Add link
          </button>
        </>
      }
    >
      {creating && <NewLinkDialog page={page} onClose={() => setCreating(false)} />}
      <Loaded query={links} rows={8}>
        {(rows) =>
          rows.length === 0 ? (
            <Empty>No links yet. Add a link to start counting clicks.</Empty>
          ) : (
            <LinkList page={page} links={rows} period={period} now={now} />
          )
        }
      </Loaded>
    </Panel>
  );
}

/** Returns the dates of a range, the last ones if it is too long. */
function clicksPeriod({ from, to }: { from: string; to: string }): { from: string; to: string } {
  const earliest = new Date(Date.parse(to) - (linkClicksLimits.days - 1) * dayMs).toISOString().slice(0, 10);
  return { from: from < earliest ? earliest : from, to };
}

interface LinkListProps {
  page: string;
  links: readonly LinkView[];
  period: { from: string; to: string };
  now: number;
}

function LinkList({ page, links, period, now }: LinkListProps) {
  const { query } = useLocation();
  const [shown, setShown] = useState(pageSize);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const filters = readFilters(query);
  const found = filterLinks(links, filters, now);
  // The order by clicks needs those of all links.
  const clicks = useClicks(page, filters.sort === 'clicks' ? found : found.slice(0, shown), period);
  const rows = sortLinks(found, filters, clicks);
  const visible = rows.slice(0, shown);
  const iconOf = useSiteIcons(visible.map(({ url }) => url));
  const chosen = rows.filter(({ code }) => selected.has(code));
  function select(codes: readonly string[], on: boolean): void {
    const next = new Set(selected);
    for (const code of codes)
      if (on) next.add(code);
      else next.delete(code);
    setSelected(next);
  }
  return (
    <>
      <FilterBar links={links} filters={filters} page={page} />
      <div className="links-head">
        <label className="check">
          <input
            type="checkbox"
            checked={chosen.length > 0 && chosen.length === visible.length}
            onChange={({ target }) =>
              target.checked
                ? select(
                    visible.map(({ code }) => code),
                    true,
                  )
                : setSelected(new Set())
            }
          />
          Select all
        </label>
        <span className="soft" role="status">
          {rows.length === links.length ? `${links.length} links` : `${rows.length} of ${links.length} links`}
        </span>
      </div>
      {chosen.length > 0 && (
        <BulkActions
          links={chosen}
          // What was selected meanwhile stays.
          onDone={() => setSelected((current) => (current === selected ? new Set() : current))}
        />
      )}
      {rows.length === 0 ? (
        <Empty>No links match these filters.</Empty>
      ) : (
        <ul className="link-rows">
          {visible.map((link) => (
            <LinkRow
              key={link.code}
              link={link}
              now={now}
              clicks={clicks.get(link.code)}
              icon={iconOf(link.url)}
              selected={selected.has(link.code)}
              onSelect={(on) => select([link.code], on)}
            />
          ))}
        </ul>
      )}
      {rows.length > shown && <MoreButton loading={false} onClick={() => setShown(shown + pageSize)} />}
    </>
  );
}

/** Reads the clicks of links in as many requests as the API's limit needs. */
function useClicks(page: string, links: readonly LinkView[], period: { from: string; to: string }) {
  const api = useApi();
  const codes = links.map(({ code }) => code).sort();
  const batches = Array.from({ length: Math.ceil(codes.length / linkClicksLimits.codes) }, (_, at) =>
    codes.slice(at * linkClicksLimits.codes, (at + 1) * linkClicksLimits.codes).join(','),
  );
  return useQueries({
    queries: batches.map((batch) => ({
      queryKey: ['link-clicks', page, batch, period],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        api.send('get', '/pages/:page/link-clicks', linkClicksSchema, {
          param: { page: page.slice(1) },
          query: { codes: batch, ...period },
          signal,
        }),
    })),
    combine: (results): ReadonlyMap<string, LinkClicks> =>
      new Map(results.flatMap(({ data }) => data?.rows.map((row) => [row.code, row] as const) ?? [])),
  });
}
