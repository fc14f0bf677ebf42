import type { UseQueryResult } from '@tanstack/react-query';
import type { ImportedCounts } from '#schemas/history/imported-counts-api.ts';
import { useFailure } from '../../api/failures.tsx';
import { Notice } from '../../components/panel.tsx';
import { addDays, earlierDate, formatDates, laterDate } from '../../format/times.ts';
import { plural } from '../../format/numbers.ts';
import { pluralOf } from '../../format/traffic.ts';
import type { Range } from '../../range/range.ts';
import { Link } from '../../router/link.tsx';
import { useLocation, withQuery } from '../../router/location.ts';
import { datesBefore, importedNumbers, joinNames } from './imported-words.ts';

interface ImportedNoteProps {
  query: UseQueryResult<ImportedCounts>;
  range: Range;
  /** Whether the counts of the period are shown above, because there are no others. */
  isLead: boolean;
}

/** Shows the counts of other tools below the numbers of the period. They are never added together. */
export function ImportedNote({ query, range, isLead }: ImportedNoteProps) {
  const { data } = query;
  if (data === undefined) return query.isError ? <NotLoaded /> : null;
  const lines = [
    <OfPeriod key="period" counts={data} isFiltered={range.filters.length > 0} isLead={isLead} />,
    ...data.before.map((total) => <Before key={`${total.tool} ${total.measure} ${total.links}`} total={total} />),
    <Earlier key="earlier" counts={data} />,
  ];
  return <div className="imported-note">{lines}</div>;
}

function NotLoaded() {
  const message = 'Couldn’t load imported counts.';
  return useFailure(message) ? null : <Notice>{message}</Notice>;
}

interface OfPeriodProps {
  counts: ImportedCounts;
  isFiltered: boolean;
  isLead: boolean;
}

function OfPeriod({ counts, isFiltered, isLead }: OfPeriodProps) {
  const { tools, dates, daysWithoutHours } = counts;
  if (dates === null) return null;
  if (isFiltered) return <p>Counts imported from {joinNames(tools)} are left out: they can’t be filtered.</p>;
  const days = formatDates(dates.first, dates.last);
  const numbers = importedNumbers(counts).map(({ measure, count }) => pluralOf(measure, count));
  return (
    <>
      {isLead && (
        <p>
          Imported from {joinNames(tools)}, {days}. Not checked for bots. Hopcount has counted nothing itself in this
          period.
        </p>
      )}
      {!isLead && numbers.length > 0 && (
        <p>
          <b>{numbers.join(' and ')}</b> imported from {joinNames(tools)}, {days}. Not checked for bots, and not part of
          the numbers above.
        </p>
      )}
      {daysWithoutHours > 0 && (
        <p>Imported counts of {plural(daysWithoutHours, 'day')} have no hours. Show the period by day to see them.</p>
      )}
    </>
  );
}

function Before({
  total: { tool, measure, count, links, asOf, from, to },
}: {
  total: ImportedCounts['before'][number];
}) {
  const range = from !== null && to !== null ? `, ${formatDates(from, to)}` : '';
  return (
    <p>
      <b>
        {pluralOf(measure, count)}
        {links !== null && ` of ${plural(links, 'link')}`}
      </b>{' '}
      before Hopcount: {tool}
      {range}, as of {formatDates(asOf, asOf)}
    </p>
  );
}

/** Leads to the imported history before the period. */
function Earlier({ counts: { dates, imports, range } }: { counts: ImportedCounts }) {
  const { path, query } = useLocation();
  const [first] = imports;
  if (first === undefined || first.first >= range.from) return null;
  const last = imports.map((each) => each.last).reduce(laterDate);
  const shown = datesBefore(earlierDate(last, addDays(range.from, -1)), first.first);
  const tools = joinNames([...new Set(imports.map(({ tool }) => tool))]);
  return (
    <p>
      {dates === null
        ? `Imported history from ${tools}: ${formatDates(first.first, last)}.`
        : `Imported history goes back to ${formatDates(first.first, first.first)}.`}{' '}
      <Link to={path + withQuery(query, { range: null, from: shown.from, to: shown.to })}>
        Show {formatDates(shown.from, shown.to)}
      </Link>
    </p>
  );
}
