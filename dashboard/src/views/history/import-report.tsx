import type { HistoryImportView } from '#schemas/history/history-api.ts';
import { historyFormatTitles } from '#schemas/history/history-formats.ts';
import { DataTable } from '../../components/data-table.tsx';
import { formatCount, plural } from '../../format/numbers.ts';
import { dateIn, formatDates } from '../../format/times.ts';
import { Link } from '../../router/link.tsx';
import { pagePath } from '../../router/routes.ts';

interface ImportReportProps {
  report: NonNullable<HistoryImportView['report']>;
  totals: NonNullable<HistoryImportView['totals']>;
  /** Time zone of the page. */
  zone: string;
  /** Path with the slash of the page that has the rows; undefined for a preview, and after an undo. */
  importedTo: string | undefined;
}

/** A longer list says less than its beginning. */
const longestList = 100;

/** What an import did, or would do: rows = accepted + refused + repeated, and by link and month. */
export function ImportReport({ report, totals, zone, importedTo }: ImportReportProps) {
  const { formats, first, last, notes, ignored, unknownCodes } = report;
  const dates =
    first && last ? { from: dateIn(zone, Date.parse(first)), to: dateIn(zone, Date.parse(last)) } : undefined;
  return (
    <div className="import-report stack">
      <dl className="facts">
        <Fact name="Rows" value={formatCount(totals.rows)} />
        <Fact name="Accepted" value={formatCount(totals.accepted)} />
        <Fact name="Refused" value={formatCount(totals.refused)} />
        <Fact name="Repeated" value={formatCount(totals.repeated)} />
        <Fact name="Dates" value={dates ? formatDates(dates.from, dates.to) : '–'} />
      </dl>
      {importedTo !== undefined && (
        <p>
          {Object.keys(report.outcomes).length > 0 &&
            'Events are in the numbers by day after the next settle, which runs every hour. '}
          <Link to={`${pagePath(importedTo.slice(1))}${dates ? `?from=${dates.from}&to=${dates.to}` : ''}`}>
            See the overview{dates && ` of ${formatDates(dates.from, dates.to)}`}
          </Link>
        </p>
      )}
      <p className="soft">
        {[
          formats.map((name) => historyFormatTitles[name]).join('; '),
          ...Object.entries(report.outcomes).map(([name, count]) => `${formatCount(count)} ${name}`),
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
      {notes.length > 0 && (
        <section>
          <h3>Good to know</h3>
          <ul>
            {notes.map((note) => (
              <li key={note} dir="auto">
                {note}
              </li>
            ))}
          </ul>
        </section>
      )}
      <Names title="Columns that are left out" names={ignored} />
      <Names
        title="Codes that are no links of this page, with their rows"
        names={unknownCodes.map(({ code, rows }) => `${code} (${formatCount(rows)})`)}
      />
      <Refusals report={report} refused={totals.refused} />
      <Months months={report.months} />
    </div>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function Names({ title, names }: { title: string; names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <p dir="auto">{names.slice(0, longestList).join(', ')}</p>
      <More count={names.length - longestList} />
    </section>
  );
}

function More({ count }: { count: number }) {
  return count > 0 ? <p className="soft">{formatCount(count)} more are not shown.</p> : null;
}

function Refusals({ report: { refusals, reasons }, refused }: Pick<ImportReportProps, 'report'> & { refused: number }) {
  if (refusals.length === 0) return null;
  return (
    <section>
      <h3>Refused rows</h3>
      <ul>
        {Object.entries(reasons).map(([reason, count]) => (
          <li key={reason} dir="auto">
            {plural(count, 'row')}: {reason}
          </li>
        ))}
      </ul>
      <DataTable label="Refused rows" columns={['Line', ...(['Column', 'Value', 'Reason'] as const).map(toTextColumn)]}>
        {refusals.slice(0, longestList).map(({ file, line, column, value, reason }) => (
          <tr key={`${file} ${line} ${reason}`}>
            <th scope="row">{line}</th>
            <td className="text" dir="auto">
              {column ?? '–'}
            </td>
            <td className="text" dir="auto">
              {value ?? '–'}
            </td>
            <td className="text" dir="auto">
              {reason}
            </td>
          </tr>
        ))}
      </DataTable>
      <More count={refused - Math.min(refusals.length, longestList)} />
    </section>
  );
}

function toTextColumn(name: string) {
  return { name, align: 'text' } as const;
}

function Months({ months }: { months: ImportReportProps['report']['months'] }) {
  if (months.length === 0) return null;
  return (
    <details>
      <summary>Events and counts by link and month</summary>
      <DataTable
        label="Events and counts by link and month"
        columns={['Link', toTextColumn('Month'), 'In the file', 'Imported', 'Repeated', 'Refused']}
      >
        {months.slice(0, longestList).map(({ link, month, counts, ...events }) => (
          <tr key={`${link} ${month}`}>
            <th scope="row" dir="auto">
              {link ?? 'The page'}
            </th>
            <td className="text">{month ?? 'Total'}</td>
            <td>{formatCount(counts?.file ?? events.rows)}</td>
            <td>{formatCount(counts?.imported ?? events.imported)}</td>
            <td>{formatCount(counts?.repeated ?? events.repeated)}</td>
            <td>{formatCount(counts?.refused ?? 0)}</td>
          </tr>
        ))}
      </DataTable>
      <More count={months.length - longestList} />
    </details>
  );
}
