import { dimensions as dimensionList } from '#schemas/dimensions.ts';
import type { Anomaly } from '#schemas/api/detection.ts';
import { valueName } from '../../format/names.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { formatFullInstant } from '../../format/times.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Link } from '../../router/link.tsx';
import { linkPath } from '../../router/routes.ts';
import { AlertActions } from './alert-actions.tsx';

type Dimension = NonNullable<Anomaly['cause']>['dimensions'][number];

interface AlertRowProps {
  anomaly: Anomaly;
  zone: string;
  /** Shows its cause from the beginning. */
  open: boolean;
}

/** One incident in a line: its state and what happened. Opened: its cause, broken destinations, and what to do. */
export function AlertRow({ anomaly, zone, open }: AlertRowProps) {
  const { state, direction, words, openedAt, method, cause, broken } = anomaly;
  const tone = state === 'open' ? (direction === 'surge' ? 'up' : 'down') : 'closed';
  return (
    <li className={`alert ${tone}`}>
      <details open={open}>
        <summary>
          <span>
            <span className={`badge ${state === 'open' ? 'alarm' : ''}`}>{words.state}</span>
            <bdi className="alert-line">{words.line}</bdi>
            {broken.length > 0 && <span className="badge alarm">{plural(broken.length, 'broken link')}</span>}
            {anomaly.acknowledgedAt !== null && <span className="badge">Acknowledged</span>}
          </span>
        </summary>
        <div className="alert-detail">
          <p className="alert-sentence">
            <bdi>{words.sentence}</bdi>
          </p>
          <small>
            Detected {formatFullInstant(new Date(openedAt).toISOString(), zone)} {zone}
            {method === 'classic' && ' by the classic rules'}
          </small>
          {broken.length > 0 && <BrokenList anomaly={anomaly} />}
          {hasDetails(anomaly) && (
            <div className="causes">
              <ul className="facts">
                {words.facts.map((fact) => (
                  <li key={fact}>
                    <bdi>{fact}</bdi>
                  </li>
                ))}
              </ul>
              {cause !== null && cause.dimensions.length > 0 && <CauseTable dimensions={cause.dimensions} />}
            </div>
          )}
          <AlertActions anomaly={anomaly} zone={zone} />
        </div>
      </details>
    </li>
  );
}

/** Broken destinations, each with a link to the editor. */
function BrokenList({ anomaly }: { anomaly: Anomaly }) {
  return (
    <ul className="broken">
      {anomaly.broken.map(({ code, url }, at) => {
        const words = anomaly.words.broken[at];
        return (
          <li key={`${code} ${url}`}>
            <span>
              <b>
                <bdi>{words?.name ?? `/${code}`}</bdi> is broken:
              </b>{' '}
              <bdi>{words?.problem ?? url}</bdi>
            </span>{' '}
            <Link to={linkPath(code, 'edit')}>Edit the link</Link>
          </li>
        );
      })}
    </ul>
  );
}

function hasDetails({ words, cause }: Anomaly): boolean {
  return words.facts.length > 0 || (cause?.dimensions.length ?? 0) > 0;
}

function CauseTable({ dimensions }: { dimensions: readonly Dimension[] }) {
  return (
    <DataTable
      label="Where the change came from"
      className="cause-table"
      columns={[{ name: 'From', align: 'text' }, 'Expected', 'Counted', 'Share']}
    >
      {dimensions.flatMap(({ dimension, values }) =>
        values.map(({ value, title, before, after, share }) => (
          <tr key={`${dimension} ${value}`}>
            <th scope="row" className="text">
              <small>{dimensionList[dimension].label}</small>{' '}
              <CauseValue dimension={dimension} value={value} title={title} />
            </th>
            <td>{formatCount(Math.round(before))}</td>
            <td>{formatCount(Math.round(after))}</td>
            <td>{wholeShare(share)}</td>
          </tr>
        )),
      )}
    </DataTable>
  );
}

function CauseValue({
  dimension,
  value,
  title,
}: {
  dimension: Dimension['dimension'];
  value: string;
  title: string | undefined;
}) {
  return dimension === 'link' ? (
    <Link to={linkPath(value)}>
      <bdi>{title ?? `/${value}`}</bdi>
    </Link>
  ) : (
    <bdi>{valueName(dimension, value)}</bdi>
  );
}

/** Formats a share as the alert's sentence does; capped at 100%, because other values may have changed the other way. */
function wholeShare(share: number): string {
  return `${Math.round(Math.min(1, share) * 100)}%`;
}
