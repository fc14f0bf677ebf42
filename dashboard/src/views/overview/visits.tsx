import type { UseQueryResult } from '@tanstack/react-query';
import type { DashboardResponse } from '#schemas/api/dashboard.ts';
import { formatCount, formatDuration, formatShare } from '../../format/numbers.ts';
import { formatLongDate } from '../../format/times.ts';
import { Loaded, Panel } from '../../components/panel.tsx';
import { PartError } from './part-error.tsx';
import { StalePartNote } from './stale-part.tsx';

/** How people visit: known for days that have settled. */
export function Visits({ query, zone }: { query: UseQueryResult<DashboardResponse>; zone: string }) {
  return (
    <Panel
      title="Visits"
      hint={
        <>
          <p>
            A session ends after 30 minutes without an event. One with a single event is a <b>bounce</b>, and lasts 0 s.
          </p>
          <p>Known for days that have settled; today shows a dash until tomorrow.</p>
        </>
      }
    >
      <StalePartNote answer={query.data} part="people" zone={zone} />
      <Loaded query={query}>
        {({ people, errors }) => {
          if (people === null) return <PartError errors={errors} part="people" />;
          return (
            <div className="stack">
              <dl className="balance">
                <div>
                  <dt>Bounce rate</dt>
                  <dd>{formatShare(people.bounceRate)}</dd>
                </div>
                <div>
                  <dt>Average session</dt>
                  <dd>{formatDuration(people.averageSeconds)}</dd>
                </div>
              </dl>
              {people.days.length > 0 && <Days days={people.days} />}
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}

type People = NonNullable<DashboardResponse['people']>;

function Days({ days }: { days: People['days'] }) {
  return (
    <details>
      <summary>Day by day</summary>
      <div className="table-scroll" tabIndex={0} role="region" aria-label="Visitors by day">
        <table>
          <thead>
            <tr>
              <th scope="col">Day</th>
              <th scope="col">Visitors</th>
              <th scope="col">Sessions</th>
            </tr>
          </thead>
          <tbody>
            {days.toReversed().map(({ date, visitors, sessions }) => (
              <tr key={date}>
                <th scope="row">{formatLongDate(date)}</th>
                <td>{formatCount(visitors)}</td>
                <td>{formatCount(sessions)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
