import { useState } from 'react';
import type { AgencyPage } from '#schemas/api/agencies.ts';
import { Change } from '../../components/delta.tsx';
import { MoreButton } from '../../components/load-more.tsx';
import { Empty } from '../../components/panel.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { Sparkline } from '../../chart/sparkline.tsx';
import { Breakable } from '../../format/breakable.tsx';
import { formatCount, formatShare, plural } from '../../format/numbers.ts';
import { leadingMeasure } from '../../format/traffic.ts';
import { Link } from '../../router/link.tsx';
import { useLocation, useSetQuery } from '../../router/location.ts';
import { alertsPath, pagePath } from '../../router/routes.ts';

const columns = ['title', 'recent', 'views', 'clicks', 'ctr', 'change', 'alerts'] as const;
type Column = (typeof columns)[number];

const columnNames: Readonly<Record<Column, string>> = {
  title: 'Page',
  recent: 'Now',
  views: 'Views',
  clicks: 'Clicks',
  ctr: 'Click-through rate',
  change: 'Change',
  alerts: 'Alerts',
};

interface PageTableProps {
  pages: readonly AgencyPage[];
  /** Days of the period. */
  days: number;
  /** Offers groups by agency. */
  groups?: boolean;
  /** Column of the order unless the reader chooses another; the most first. */
  first?: Column;
  /** Shown without pages, in place of the table. */
  empty: string;
}

/** A table of pages with their numbers, which can be searched, sorted and grouped; on a phone a list of cards. */
export function PageTable({ pages, days, groups = false, first = 'clicks', empty }: PageTableProps) {
  const { query } = useLocation();
  const change = useSetQuery();
  const [search, setSearch] = useState('');
  const [shown, setShown] = useState(pageSize);
  if (pages.length === 0) return <Empty>{empty}</Empty>;
  const term = search.trim().toLowerCase();
  const order = parseOrder(query.get('sort'), first);
  const grouped = groups && query.get('group') === 'agency';
  const found = pages.filter(({ title, path, agency }) =>
    `${title} ${path} ${groups ? (agency ?? '') : ''}`.toLowerCase().includes(term),
  );
  const grouping = grouped ? groupByAgency(found) : [{ agency: undefined, pages: found }];
  return (
    <>
      <div className="table-tools">
        <SearchField label="Search pages" value={search} onChange={setSearch} />
        {groups && (
          <label className="check">
            <input
              type="checkbox"
              checked={grouped}
              onChange={({ target }) => change({ group: target.checked ? 'agency' : null })}
            />
            Group by agency
          </label>
        )}
        <SortSelect order={order} />
      </div>
      <div className="table-scroll tall" tabIndex={0} role="region" aria-label="Pages and their totals">
        <table className="cards pages-table">
          <thead>
            <tr>
              {columns
                .filter((column) => column !== 'alerts')
                .map((column) => (
                  <Header key={column} column={column} order={order} />
                ))}
              <th scope="col">Per day</th>
              <Header column="alerts" order={order} />
            </tr>
          </thead>
          {takeRows(grouping, order, shown).map((group) => (
            <tbody key={group.agency ?? ''}>
              {group.agency !== undefined && (
                <tr className="group">
                  <th scope="rowgroup" colSpan={columns.length + 1} className="text" dir="auto">
                    {group.agency} <small>{plural(group.size, 'page')}</small>
                  </th>
                </tr>
              )}
              {group.pages.map((page) => (
                <PageRow key={page.path} page={page} days={days} />
              ))}
            </tbody>
          ))}
        </table>
        {found.length === 0 && <Empty>No matching pages.</Empty>}
      </div>
      {found.length > shown && <MoreButton loading={false} onClick={() => setShown(shown + pageSize)} />}
    </>
  );
}

const pageSize = 50;

interface Group {
  /** Undefined without groups. */
  agency: string | undefined;
  pages: AgencyPage[];
}

/** Returns the first rows of all groups, in order, and how many each group has. */
function takeRows(groups: readonly Group[], order: Order, most: number): (Group & { size: number })[] {
  let left = most;
  return groups.flatMap(({ agency, pages }) => {
    if (left <= 0) return [];
    const rows = sorted(pages, order).slice(0, left);
    left -= rows.length;
    return [{ agency, pages: rows, size: pages.length }];
  });
}

interface Order {
  column: Column;
  descending: boolean;
}

/** Parses `-clicks` as clicks in descending order. */
function parseOrder(text: string | null, first: Column): Order {
  const column = columns.find((each) => each === text?.replace(/^-/, '')) ?? first;
  return { column, descending: text === null || text.startsWith('-') };
}

/** Replaces the headings on a phone. */
function SortSelect({ order }: { order: Order }) {
  const change = useSetQuery();
  return (
    <label className="sort-select">
      <span>Sort by</span>
      <select
        value={order.column}
        onChange={({ target }) => change({ sort: target.value === 'title' ? 'title' : `-${target.value}` })}
      >
        {columns.map((column) => (
          <option key={column} value={column}>
            {columnNames[column]}
          </option>
        ))}
      </select>
    </label>
  );
}

function Header({ column, order }: { column: Column; order: Order }) {
  const change = useSetQuery();
  const active = order.column === column;
  const next = active && order.descending ? column : `-${column}`;
  return (
    <th
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

/** Returns the pages of each agency by its name; those without one last. */
function groupByAgency(pages: readonly AgencyPage[]): Group[] {
  const groups = Map.groupBy(pages, ({ agency }) => agency);
  const named = [...groups].flatMap(([agency, of]) => (agency === null ? [] : [{ agency, pages: of }]));
  const others = groups.get(null);
  return [
    ...named.sort((a, b) => a.agency.localeCompare(b.agency, 'en')),
    ...(others ? [{ agency: 'Without an agency', pages: others }] : []),
  ];
}

function sorted(pages: readonly AgencyPage[], { column, descending }: Order): AgencyPage[] {
  function ascending(a: AgencyPage, b: AgencyPage): number {
    return column === 'title' ? a.title.localeCompare(b.title, 'en') : sortValue(a, column) - sortValue(b, column);
  }
  return pages.toSorted((a, b) => (descending ? ascending(b, a) : ascending(a, b)) || b.clicks - a.clicks);
}

function sortValue(page: AgencyPage, column: Exclude<Column, 'title'>): number {
  if (column === 'change') return page.change[leadingMeasure(page)] ?? Number.NEGATIVE_INFINITY;
  if (column === 'alerts') return page.alerts.length;
  return page[column] ?? Number.NEGATIVE_INFINITY;
}

function PageRow({ page, days }: { page: AgencyPage; days: number }) {
  const measure = leadingMeasure(page);
  const change = page.change[measure];
  return (
    <tr>
      <th scope="row" className="text">
        <Link to={pagePath(page.path.slice(1))} dir="auto">
          <Breakable text={page.title} />
        </Link>
        <small>{page.path}</small>
      </th>
      <td data-label={columnNames.recent}>
        {page.recent > 0 ? (
          <Link
            to={pagePath(page.path.slice(1), 'live')}
            className="now"
            title="Views and clicks of the last five minutes"
          >
            <span className="pulse" aria-hidden="true" /> {formatCount(page.recent)}
          </Link>
        ) : (
          <span className="soft">0</span>
        )}
      </td>
      <td data-label={columnNames.views}>{formatCount(page.views)}</td>
      <td data-label={columnNames.clicks}>{formatCount(page.clicks)}</td>
      <td data-label="CTR">{formatShare(page.ctr)}</td>
      <td data-label={columnNames.change}>
        {change === null ? <span className="delta">–</span> : <Change value={change} />}
      </td>
      <td className="spark">
        <Sparkline
          values={page.sparkline.map((day) => day[measure])}
          label={`${measure === 'views' ? 'Views' : 'Clicks'} per day, ${plural(days, 'day')}`}
        />
      </td>
      <td className="alert-cell">
        <AlertBadge page={page} />
      </td>
    </tr>
  );
}

function AlertBadge({ page: { path, alerts } }: { page: AgencyPage }) {
  if (alerts.length === 0) return null;
  return (
    <Link
      to={alertsPath(path.slice(1))}
      className="badge alarm"
      title={alerts.map(({ summary }) => summary).join('\n')}
    >
      {plural(alerts.length, 'alert')}
      <span className="visually-hidden">: {alerts.map(({ summary }) => summary).join('; ')}</span>
    </Link>
  );
}
