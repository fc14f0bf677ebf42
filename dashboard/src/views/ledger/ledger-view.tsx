import { Fragment, useState } from 'react';
import type { Ledger } from '#schemas/api.ts';
import type { Outcome } from '#schemas/event.ts';
import { outcomeOfRule } from '#schemas/log-lines.ts';
import { type Subject, useLedger } from '../../api/queries.ts';
import { outcomeNames } from '../../format/names.ts';
import { formatCount, formatShare } from '../../format/numbers.ts';
import { formatPoint } from '../../format/times.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Freshness } from '../../components/freshness.tsx';
import { Hint } from '../../components/hint.tsx';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { useNow } from '../../range/use-now.ts';
import { RangeBar } from '../../range/range-bar.tsx';
import { type Range, readRange } from '../../range/range.ts';
import { useLocation } from '../../router/location.ts';
import { LedgerStrip, nonZeroOutcomes } from '../overview/ledger-strip.tsx';
import { Examples } from './examples.tsx';
import { Rules } from './rules.tsx';

interface LedgerViewProps {
  subject: Subject;
  /** Path of the page without its slash. */
  page: string;
  zone: string;
  /** Hides examples and rules. */
  readOnly?: boolean;
}

/** Accounts for every received event: counted, not counted and why, or lost. */
export default function LedgerView({ subject, page, zone, readOnly = false }: LedgerViewProps) {
  const { query } = useLocation();
  const now = useNow();
  const range = readRange(query, zone, now);
  const ledger = useLedger(subject, range);
  return (
    <>
      <RangeBar range={range} pageZone={zone} />
      <div className="grid">
        <Panel title="Received and counted" className="wide">
          <Loaded query={ledger}>
            {(value) => (
              <div className="stack">
                <Balance ledger={value} />
                <LedgerStrip stats={value} zone={range.zone ?? zone} now={now} />
                <Freshness source={value.source} freshness={value.freshness} zone={range.zone ?? zone} now={now} />
              </div>
            )}
          </Loaded>
        </Panel>
        <Panel title="Outcomes by reason" className="wide">
          <Loaded query={ledger} rows={8}>
            {(value) => <Reasons ledger={value} subject={subject} page={page} range={range} readOnly={readOnly} />}
          </Loaded>
        </Panel>
        {!readOnly && <Rules page={page} />}
        <Panel title="Outcomes over time" className="wide">
          <Loaded query={ledger}>{(value) => <Series ledger={value} />}</Loaded>
        </Panel>
      </div>
    </>
  );
}

function Balance({ ledger }: { ledger: Ledger }) {
  const total = Object.values(ledger.outcomes).reduce((sum, count) => sum + count, 0);
  return (
    <dl className="balance">
      <div>
        <dt>
          Received at the edge{' '}
          <Hint about="received and lost">
            <p>Received is counted from the edge’s request log every 15 minutes, independently of events.</p>
            <p>
              Lost is received minus all outcomes, for hours that are completely received. It should be 0. It is not
              available with a filter, because the edge’s count can’t be filtered.
            </p>
          </Hint>
        </dt>
        <dd>{formatCount(measured(ledger))}</dd>
      </div>
      {ledger.imported !== null && ledger.imported > 0 && (
        <div>
          <dt>
            Imported{' '}
            <Hint about="imported events">
              <p>
                Events that an import brought from another tool. The edge never received them, so received and imported
                together add up to the outcomes.
              </p>
            </Hint>
          </dt>
          <dd>{formatCount(ledger.imported)}</dd>
        </div>
      )}
      <div>
        <dt>Events with an outcome</dt>
        <dd>{formatCount(total)}</dd>
      </div>
      <div>
        <dt>Lost</dt>
        <dd className={ledger.lost !== null && ledger.lost > 0 ? 'lost' : ''}>{formatCount(ledger.lost)}</dd>
      </div>
      {ledger.surplus !== null && ledger.surplus > 0 && <Surplus ledger={ledger} count={ledger.surplus} />}
    </dl>
  );
}

/** Outcomes beyond the requests: received and surplus add up to the outcomes and lost. */
function Surplus({ ledger, count }: { ledger: Ledger; count: number }) {
  const settles = ledger.surplusSettlesAt !== null;
  return (
    <div>
      <dt>
        {settles ? 'Counted twice so far' : 'More than requests'}{' '}
        <Hint about="more outcomes than requests">
          {settles ? (
            <p>
              The queue delivered these events again, or the requests of late events are not counted yet. The numbers
              agree when the hour has settled.
            </p>
          ) : (
            <p>
              These hours have settled and still have more events than requests. Ask an admin to run{' '}
              <code>hopcount doctor</code>.
            </p>
          )}
        </Hint>
      </dt>
      <dd>{formatCount(count)}</dd>
    </div>
  );
}

interface ReasonsProps extends Omit<LedgerViewProps, 'zone'> {
  ledger: Ledger;
  range: Range;
}

function Reasons({ ledger, subject, page, range, readOnly = false }: ReasonsProps) {
  const [shown, setShown] = useState<Outcome>();
  const present = nonZeroOutcomes(ledger.outcomes);
  const total = present.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return <Empty>No events in this period. New events show up here within a minute.</Empty>;
  return (
    <ul className="outcomes">
      {present.map(([outcome, count]) => (
        <li key={outcome}>
          <OutcomeRow
            outcome={outcome}
            count={count}
            total={total}
            meaning={ledger.meanings[outcome]}
            notKept={Object.entries(ledger.notKept)
              .filter(([rule]) => outcomeOfRule(rule) === outcome)
              .sort(([, a], [, b]) => b - a)}
            open={shown === outcome}
            onToggle={readOnly ? undefined : () => setShown(shown === outcome ? undefined : outcome)}
          />
          {shown === outcome && <Examples subject={subject} page={page} outcome={outcome} range={range} />}
        </li>
      ))}
    </ul>
  );
}

interface OutcomeRowProps {
  outcome: Outcome;
  count: number;
  total: number;
  meaning: string;
  /** Requests of `count` without an event, by rule. */
  notKept: readonly [rule: string, count: number][];
  open: boolean;
  onToggle: (() => void) | undefined;
}

function OutcomeRow({ outcome, count, total, meaning, notKept, open, onToggle }: OutcomeRowProps) {
  return (
    <div className="outcome">
      <i className={`outcome-${outcome}`} aria-hidden="true" />
      <div>
        <h3>{outcomeNames[outcome]}</h3>
        <p className="soft">{meaning}</p>
        {notKept.length > 0 && <NotKept rules={notKept} />}
      </div>
      <span className="bar-value">{formatCount(count)}</span>
      <span className="bar-share">{formatShare(total > 0 ? count / total : null)}</span>
      {onToggle && (
        <button type="button" className="quiet small" aria-expanded={open} onClick={onToggle}>
          {open ? 'Hide examples' : 'Show examples'}
        </button>
      )}
    </div>
  );
}

function NotKept({ rules }: { rules: OutcomeRowProps['notKept'] }) {
  return (
    <p className="soft">
      Counted but not kept one by one, because there were too many within a minute:{' '}
      {rules.map(([rule, count], index) => (
        <Fragment key={rule}>
          {index > 0 && ', '}
          <code>{rule}</code> {formatCount(count)}
        </Fragment>
      ))}
      .
    </p>
  );
}

function Series({ ledger }: { ledger: Ledger }) {
  const columns = nonZeroOutcomes(ledger.outcomes).map(([outcome]) => outcome);
  if (ledger.series.length === 0)
    return <Empty>No events in this period. New events show up here within a minute.</Empty>;
  return (
    <DataTable
      label="Outcomes by period"
      className="cards"
      columns={['Start', 'Received', ...columns.map((outcome) => outcomeNames[outcome]), 'Lost']}
    >
      {ledger.series.toReversed().map(({ start, received, outcomes, lost }) => (
        <tr key={start}>
          <th scope="row">{formatPoint(start)}</th>
          <td data-label="Received">{formatCount(measured({ received, lost }))}</td>
          {columns.map((outcome) => (
            <td key={outcome} data-label={outcomeNames[outcome]}>
              {formatCount(outcomes[outcome])}
            </td>
          ))}
          <td data-label="Lost" className={lost !== null && lost > 0 ? 'lost' : ''}>
            {formatCount(lost)}
          </td>
        </tr>
      ))}
    </DataTable>
  );
}

/** Returns null while no requests are counted yet: 0 would say that none arrived. */
function measured({ received, lost }: Pick<Ledger, 'received' | 'lost'>): number | null {
  return received === 0 && lost === null ? null : received;
}
