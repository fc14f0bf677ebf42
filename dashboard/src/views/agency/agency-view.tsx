import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type AgencyDashboard, agencyDashboardSchema, type AgencyPage } from '#schemas/api/agencies.ts';
import { useApi } from '../../api/context.tsx';
import { formatChange, formatCount, formatShare, plural } from '../../format/numbers.ts';
import { formatInstant } from '../../format/times.ts';
import { Delta } from '../../components/delta.tsx';
import { Freshness } from '../../components/freshness.tsx';
import { Hint } from '../../components/hint.tsx';
import { Empty, StaleNote, Loaded, Panel } from '../../components/panel.tsx';
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
  ctr: 'Click-through',
  change: 'Change',
  alerts: 'Alerts',
};

/** All pages of an agency at once. */
export default function AgencyView({ agency }: { agency: string }) {
  const api = useApi();
  const { query } = useLocation();
  const now = useNow();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const range = readRange(query, zone, now);
  const [from, to] = [range.from.slice(0, 10), range.to.slice(0, 10)];
  const answer = useQuery({
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
      <Heading title={agency} subtitle="All pages of the agency, against the period before" />
      <RangeBar range={range} />
      <section className="panel lead" aria-label="Totals">
        <Loaded query={answer} rows={3}>
          {(value) => (
            <>
              <Totals answer={value} />
              <Freshness source="rollups" freshness={value.freshness} zone={zone} now={now} />
              {value.errors.map(({ part, message }) => {
                const source = value.sources[part];
                return source?.stale ? (
                  <StaleNote key={part} at={formatInstant(source.asOf, zone, now)} />
                ) : (
                  <p key={part} className="stale" role="status">
                    {message}
                  </p>
                );
              })}
            </>
          )}
        </Loaded>
      </section>
      <Panel title="Pages">
        <Loaded query={answer} rows={12}>
          {(value) => <PageTable answer={value} order={parseOrder(query.get('sort'))} />}
        </Loaded>
      </Panel>
    </>
  );
}

function Totals({ answer }: { answer: AgencyDashboard }) {
  return (
    <dl className="figures">
      {(['views', 'clicks', 'ctr'] as const).map((name) => (
        <div key={name} className={`figure ${name}`}>
          <dt>{columnNames[name]}</dt>
          <dd>
            <span className="figure-value">
              {name === 'ctr' ? formatShare(answer.totals.ctr) : formatCount(answer.totals[name])}
            </span>
            <Delta now={answer.totals[name]} before={answer.previous[name]} />
          </dd>
        </div>
      ))}
      <div className="figure">
        <dt>
          Pages{' '}
          <Hint about="pages of different zones">
            <p>Each page counts by the days of its own time zone. Totals add those days up.</p>
          </Hint>
        </dt>
        <dd>
          <span className="figure-value">{formatCount(answer.pages.length)}</span>
        </dd>
      </div>
    </dl>
  );
}

interface Order {
  column: Column;
  descending: boolean;
}

function PageTable({ answer, order }: { answer: AgencyDashboard; order: Order }) {
  const change = useSetQuery();
  const [search, setSearch] = useState('');
  const wanted = search.trim().toLowerCase();
  const pages = answer.pages.filter(({ title, path }) => `${title} ${path}`.toLowerCase().includes(wanted));
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
  const beforeLine = columns.filter((column) => column !== 'alerts');
  return (
    <>
      <input
        type="search"
        placeholder="Search pages"
        aria-label="Search pages"
        value={search}
        onChange={({ target }) => setSearch(target.value)}
      />
      <div className="table-scroll tall" tabIndex={0} role="region" aria-label="Table of pages">
        <table className="pages-table">
          <thead>
            <tr>
              {beforeLine.map(header)}
              <th scope="col">Clicks per day</th>
              {header('alerts')}
            </tr>
          </thead>
          <tbody>
            {sorted(pages, order).map((page) => (
              <PageRow key={page.path} page={page} days={answer.days.length} />
            ))}
          </tbody>
        </table>
        {pages.length === 0 && <Empty>{wanted === '' ? 'This agency has no pages yet.' : 'No page matches.'}</Empty>}
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
      <td>
        <Change value={page.change.clicks} />
      </td>
      <td>
        <Sparkline values={page.sparkline.map(({ clicks }) => clicks)} label={`Clicks of ${plural(days, 'day')}`} />
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

function Change({ value }: { value: number | null }) {
  if (value === null) return <span className="delta">–</span>;
  const direction = Math.abs(value) < 0.005 ? 'same' : value > 0 ? 'up' : 'down';
  return (
    <span className={`delta ${direction}`}>
      <span aria-hidden="true">{{ same: '→', up: '↑', down: '↓' }[direction]} </span>
      {formatChange(value)}
    </span>
  );
}

/** `-clicks`: by clicks, most first. */
function parseOrder(text: string | null): Order {
  const column = columns.find((each) => each === text?.replace(/^-/, '')) ?? 'clicks';
  return { column, descending: text === null || text.startsWith('-') };
}
