import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type AgencyDashboard, agencyDashboardSchema, type AgencyPage } from '#schemas/api/agencies.ts';
import { useApi } from '../../api/context.tsx';
import { formatCount, formatShare, plural } from '../../format/numbers.ts';
import { formatInstant } from '../../format/times.ts';
import { Change, Delta } from '../../components/delta.tsx';
import { Freshness } from '../../components/freshness.tsx';
import { Hint } from '../../components/hint.tsx';
import { Empty, Loaded, Notice, Panel, StaleNote } from '../../components/panel.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { Sparkline } from '../../components/sparkline.tsx';
import { useNow } from '../../range/use-now.ts';
import { RangeBar, useSetQuery } from '../../range/range-bar.tsx';
import { readRange } from '../../range/range.ts';
import { Link } from '../../router/link.tsx';
import { useLocation } from '../../router/location.ts';
import { alertsPath, pagePath } from '../../router/routes.ts';
import { Heading } from '../shell/heading.tsx';

const columns = ['title', 'views', 'clicks', 'ctr', 'change', 'alerts'] as const;
type Column = (typeof columns)[number];

const columnNames: Readonly<Record<Column, string>> = {
  title: 'Page',
  views: 'Views',
  clicks: 'Clicks',
  ctr: 'Click-through rate',
  change: 'Change',
  alerts: 'Alerts',
};

/** Totals of an agency and a table of its pages. */
export default function AgencyView({ agency }: { agency: string }) {
  const api = useApi();
  const { query } = useLocation();
  const now = useNow();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const range = readRange(query, zone, now);
  const [from, to] = [range.from.slice(0, 10), range.to.slice(0, 10)];
  const dashboard = useQuery({
    queryKey: ['agency', agency, from, to],
    queryFn: ({ signal }) =>
      api.send('get', '/agencies/:id/dashboard', agencyDashboardSchema, {
        param: { id: agency },
        query: { from, to },
        signal,
      }),
    placeholderData: keepPreviousData,
    refetchInterval: 60_000,
  });
  return (
    <>
      <Heading title={agency} subtitle="All pages of the agency, compared to the previous period" />
      <RangeBar range={range} />
      <section className="panel lead" aria-label="Totals">
        <Loaded query={dashboard} rows={3}>
          {(value) => (
            <>
              <Totals dashboard={value} />
              <Freshness source="rollups" freshness={value.freshness} zone={zone} now={now} />
              {value.errors.map(({ part, message }) => {
                const source = value.sources[part];
                return source?.stale ? (
                  <StaleNote key={part} at={formatInstant(source.asOf, zone, now)} />
                ) : (
                  <Notice key={part}>{message}</Notice>
                );
              })}
            </>
          )}
        </Loaded>
      </section>
      <Panel title="Pages">
        <Loaded query={dashboard} rows={12}>
          {(value) => <PageTable dashboard={value} order={parseOrder(query.get('sort'))} />}
        </Loaded>
      </Panel>
    </>
  );
}

function Totals({ dashboard }: { dashboard: AgencyDashboard }) {
  return (
    <dl className="figures">
      {(['views', 'clicks', 'ctr'] as const).map((name) => (
        <div key={name} className={`figure ${name}`}>
          <dt>{columnNames[name]}</dt>
          <dd>
            <span className="figure-value">
              {name === 'ctr' ? formatShare(dashboard.totals.ctr) : formatCount(dashboard.totals[name])}
            </span>
            <Delta now={dashboard.totals[name]} before={dashboard.previous[name]} />
          </dd>
        </div>
      ))}
      <div className="figure">
        <dt>
          Pages{' '}
          <Hint about="time zones">
            <p>Days are counted in the time zone of each page. Totals are sums of these days.</p>
          </Hint>
        </dt>
        <dd>
          <span className="figure-value">{formatCount(dashboard.pages.length)}</span>
        </dd>
      </div>
    </dl>
  );
}

interface Order {
  column: Column;
  descending: boolean;
}

function PageTable({ dashboard, order }: { dashboard: AgencyDashboard; order: Order }) {
  const change = useSetQuery();
  const [search, setSearch] = useState('');
  const term = search.trim().toLowerCase();
  const pages = dashboard.pages.filter(({ title, path }) => `${title} ${path}`.toLowerCase().includes(term));
  function header(column: Column) {
    const active = order.column === column;
    const next = active && order.descending ? column : `-${column}`;
    return (
      <th
        key={column}
        scope="col"
        className={column === 'title' ? 'text' : undefined}
        {...(active && { 'aria-sort': order.descending ? 'descending' : 'ascending' })}
      >
        <button type="button" onClick={() => change({ sort: next })}>
          {columnNames[column]}
          <span aria-hidden="true">{active ? (order.descending ? ' ↓' : ' ↑') : ''}</span>
        </button>
      </th>
    );
  }
  return (
    <>
      <SearchField label="Search pages" value={search} onChange={setSearch} />
      <div className="table-scroll tall" tabIndex={0} role="region" aria-label="Pages and their totals">
        <table className="pages-table">
          <thead>
            <tr>
              {columns.filter((column) => column !== 'alerts').map(header)}
              <th scope="col">Clicks per day</th>
              {header('alerts')}
            </tr>
          </thead>
          <tbody>
            {sorted(pages, order).map((page) => (
              <PageRow key={page.path} page={page} days={dashboard.days.length} />
            ))}
          </tbody>
        </table>
        {pages.length === 0 && <Empty>{term === '' ? 'No pages in this agency yet.' : 'No matching pages.'}</Empty>}
      </div>
    </>
  );
}

function sorted(pages: readonly AgencyPage[], { column, descending }: Order): AgencyPage[] {
  function ascending(a: AgencyPage, b: AgencyPage): number {
    return column === 'title' ? a.title.localeCompare(b.title, 'en') : sortValue(a, column) - sortValue(b, column);
  }
  return pages.toSorted((a, b) => (descending ? ascending(b, a) : ascending(a, b)));
}

function sortValue(page: AgencyPage, column: Exclude<Column, 'title'>): number {
  if (column === 'change') return page.change.clicks ?? Number.NEGATIVE_INFINITY;
  if (column === 'alerts') return page.alerts.length;
  return page[column] ?? Number.NEGATIVE_INFINITY;
}

function PageRow({ page, days }: { page: AgencyPage; days: number }) {
  return (
    <tr>
      <th scope="row" className="text">
        <Link to={pagePath(page.path.slice(1))} dir="auto">
          {page.title}
        </Link>
        <small>{page.path}</small>
      </th>
      <td>{formatCount(page.views)}</td>
      <td>{formatCount(page.clicks)}</td>
      <td>{formatShare(page.ctr)}</td>
      <td>{page.change.clicks === null ? <span className="delta">–</span> : <Change value={page.change.clicks} />}</td>
      <td>
        <Sparkline
          values={page.sparkline.map(({ clicks }) => clicks)}
          label={`Clicks per day, ${plural(days, 'day')}`}
        />
      </td>
      <td>
        {page.alerts.length > 0 && (
          <Link
            to={alertsPath(page.path.slice(1))}
            className="badge alarm"
            title={page.alerts.map(({ summary }) => summary).join('\n')}
          >
            {page.alerts.length}
            <span className="visually-hidden">: {page.alerts.map(({ summary }) => summary).join('; ')}</span>
          </Link>
        )}
      </td>
    </tr>
  );
}

/** Parses `-clicks` as clicks in descending order. */
function parseOrder(text: string | null): Order {
  const column = columns.find((each) => each === text?.replace(/^-/, '')) ?? 'clicks';
  return { column, descending: text === null || text.startsWith('-') };
}
