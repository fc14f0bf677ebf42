import { dimensions as dimensionList } from '#schemas/dimensions.ts';
import type { Anomaly } from '#schemas/api/detection.ts';
import { valueName } from '../../format/names.ts';
import { formatCount } from '../../format/numbers.ts';
import { formatFullInstant } from '../../format/times.ts';
import { Link } from '../../router/link.tsx';
import { linkPath } from '../../router/routes.ts';

type Dimension = NonNullable<Anomaly['cause']>['dimensions'][number];

/** One alert: what happened, what became of it, where it came from, and what is broken. */
export function AlertRow({ anomaly, zone }: { anomaly: Anomaly; zone: string }) {
  const { state, direction, words, openedAt, method, cause } = anomaly;
  const tone = state === 'open' ? (direction === 'surge' ? 'up' : 'down') : 'over';
  return (
    <li className={`alert ${tone}`}>
      <p className="alert-state">
        <span className={`badge ${state === 'open' ? 'alarm' : ''}`}>{words.state}</span>
        <small>
          found {formatFullInstant(new Date(openedAt).toISOString(), zone)}
          {method === 'classic' && ', by the classic rules'}
        </small>
      </p>
      <p className="alert-sentence">
        <bdi>{words.sentence}</bdi>
      </p>
      {anomaly.broken.length > 0 && <Broken anomaly={anomaly} />}
      {hasMore(anomaly) && (
        <details open={state === 'open'}>
          <summary>Where it came from</summary>
          <div className="origin">
            <ul className="facts">
              {words.facts.map((fact) => (
                <li key={fact}>
                  <bdi>{fact}</bdi>
                </li>
              ))}
            </ul>
            {cause !== null && cause.dimensions.length > 0 && <Causes dimensions={cause.dimensions} />}
          </div>
        </details>
      )}
    </li>
  );
}

/** Destinations that do not answer as they should, each with the way to mend it. */
function Broken({ anomaly }: { anomaly: Anomaly }) {
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

function hasMore({ words, cause }: Anomaly): boolean {
  return words.facts.length > 0 || (cause?.dimensions.length ?? 0) > 0;
}

/** The few values that explain the change, dimension by dimension. */
function Causes({ dimensions }: { dimensions: readonly Dimension[] }) {
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label="Where the change came from">
      <table className="causes">
        <thead>
          <tr>
            <th scope="col">From</th>
            <th scope="col">Usual</th>
            <th scope="col">Came</th>
            <th scope="col">Share of the change</th>
          </tr>
        </thead>
        <tbody>
          {dimensions.flatMap(({ dimension, values }) =>
            values.map(({ value, before, after, share }) => (
              <tr key={`${dimension} ${value}`}>
                <th scope="row" className="text">
                  <small>{dimensionList[dimension].label}</small> <CauseValue dimension={dimension} value={value} />
                </th>
                <td>{formatCount(Math.round(before))}</td>
                <td>{formatCount(Math.round(after))}</td>
                <td>{wholeShare(share)}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}

function CauseValue({ dimension, value }: { dimension: Dimension['dimension']; value: string }) {
  return dimension === 'link' ? (
    <Link to={linkPath(value)}>
      <bdi>/{value}</bdi>
    </Link>
  ) : (
    <bdi>{valueName(dimension, value)}</bdi>
  );
}

/** As in the sentences beside it; others may have moved the other way, but nothing is more than all of it. */
function wholeShare(share: number): string {
  return `${Math.round(Math.min(1, share) * 100)}%`;
}
