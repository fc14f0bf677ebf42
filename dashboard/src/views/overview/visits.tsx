import type { UseQueryResult } from '@tanstack/react-query';
import type { DashboardResponse } from '#schemas/api/dashboard.ts';
import { formatCount, formatDuration, formatShare } from '../../format/numbers.ts';
import { formatLongDate } from '../../format/times.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Loaded, Panel } from '../../components/panel.tsx';
import { PartError } from './part-error.tsx';
import { StalePartNote } from './stale-part.tsx';

/** Sessions of the settled days. */
export function Visits({ query, zone }: { query: UseQueryResult<DashboardResponse>; zone: string }) {
  return (
    <Panel
      title="Visits"
      hint={
        <>
          <p>
            A session ends after 30 minutes without an event. A session with one event is a <b>bounce</b> and lasts 0 s.
          </p>
          <p>A day is included when it has settled, so today is missing.</p>
        </>
      }
    >
      <StalePartNote response={query.data} part="visitors" zone={zone} />
      <Loaded query={query}>
        {({ visitors, errors }) => {
          if (visitors === null) return <PartError errors={errors} part="visitors" />;
          return (
            <div className="stack">
              {visitors.bounceRate === null && (visitors.sessions ?? 0) > 0 ? (
                <p className="soft">
                  People follow these links from elsewhere, so nearly every visit is one click: it has no bounce rate
                  and no duration.
                </p>
              ) : (
                <Rates visitors={visitors} />
              )}
              {visitors.days.length > 0 && <Days days={visitors.days} />}
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}

type Visitors = NonNullable<DashboardResponse['visitors']>;

function Rates({ visitors }: { visitors: Visitors }) {
  return (
    <dl className="balance">
      <div>
        <dt>Bounce rate</dt>
        <dd>{formatShare(visitors.bounceRate)}</dd>
      </div>
      <div>
        <dt>Average session duration</dt>
        <dd>{formatDuration(visitors.averageSeconds)}</dd>
      </div>
    </dl>
  );
}

function Days({ days }: { days: Visitors['days'] }) {
  return (
    <details>
      <summary>By day</summary>
      <DataTable label="Visitors and sessions by day" columns={['Day', 'Visitors', 'Sessions']}>
        {days.toReversed().map(({ date, visitors, sessions }) => (
          <tr key={date}>
            <th scope="row">{formatLongDate(date)}</th>
            <td>{formatCount(visitors)}</td>
            <td>{formatCount(sessions)}</td>
          </tr>
        ))}
      </DataTable>
    </details>
  );
}
