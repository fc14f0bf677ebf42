import type { DashboardResponse } from '#schemas/api/dashboard.ts';
import { Delta } from '../../components/delta.tsx';
import { Sparkline } from '../../chart/sparkline.tsx';
import { Loaded, Panel } from '../../components/panel.tsx';
import { DataRows } from '../../expand/data-rows.tsx';
import type { Data } from '../../expand/data-table.ts';
import { Expanded, useExpansion } from '../../expand/expansion.tsx';
import { formatDuration, formatShare } from '../../format/numbers.ts';
import { useNow } from '../../range/use-now.ts';
import { fileNameOf, type OverviewData } from './overview-data.ts';
import { PartError } from './part-error.tsx';
import { StalePartNote } from './stale-part.tsx';
import { describeUnsettled } from './unsettled.ts';

/** Sessions of the settled days. */
export function Visits(data: OverviewData) {
  const { parts, partsBefore, zone } = data;
  const expansion = useExpansion();
  const now = useNow();
  return (
    <Panel title="Visits" className="visits-panel" onExpand={expansion.show}>
      <StalePartNote response={parts.data} part="visitors" zone={zone} />
      <Loaded query={parts}>
        {({ visitors, errors, unsettled }) => {
          if (visitors === null) return <PartError errors={errors} part="visitors" />;
          const words = describeUnsettled(unsettled, zone, now);
          const daily = visitors.days.flatMap((day) => day.visitors ?? []);
          const before = partsBefore?.visitors ?? undefined;
          return (
            <div className="stack">
              {visitors.bounceRate === null && (visitors.sessions ?? 0) > 0 ? (
                <p className="soft">
                  People follow these links from elsewhere, so nearly every visit is one click: it has no bounce rate
                  and no duration.
                </p>
              ) : (
                <Rates visitors={visitors} before={before} />
              )}
              {daily.length > 1 && (
                <Sparkline values={daily} label="Visitors by day. The table shows the same numbers." />
              )}
              {visitors.sessions === null && words && <p className="unsettled">{words.empty}</p>}
              {visitors.days.length > 0 && (
                <details>
                  <summary>By day</summary>
                  <DataRows label="Visitors and sessions by day" {...toData(visitors.days, before?.days)} />
                </details>
              )}
              <Expanded
                expansion={expansion}
                title="Visits"
                file={fileNameOf(data, 'visits')}
                data={() => ({ ...toData(visitors.days, before?.days), note: words?.note ?? words?.empty })}
              />
            </div>
          );
        }}
      </Loaded>
    </Panel>
  );
}

type Visitors = NonNullable<DashboardResponse['visitors']>;

function Rates({ visitors, before }: { visitors: Visitors; before: Visitors | undefined }) {
  return (
    <dl className="balance">
      <div>
        <dt>Bounce rate</dt>
        <dd>{formatShare(visitors.bounceRate)}</dd>
        {before && (
          <dd className="interval">
            <Delta now={visitors.bounceRate} before={before.bounceRate} />
          </dd>
        )}
      </div>
      <div>
        <dt>Average session duration</dt>
        <dd>{formatDuration(visitors.averageSeconds)}</dd>
        {before && (
          <dd className="interval">
            <Delta now={visitors.averageSeconds} before={before.averageSeconds} />
          </dd>
        )}
      </div>
    </dl>
  );
}

function toData(days: Visitors['days'], before: Visitors['days'] | undefined): Data {
  return {
    columns: [
      { name: 'Day', kind: 'point' },
      { name: 'Visitors', kind: 'count' },
      { name: 'Sessions', kind: 'count' },
      ...(before
        ? ([
            { name: 'Visitors before', kind: 'count' },
            { name: 'Sessions before', kind: 'count' },
          ] as const)
        : []),
    ],
    rows: days
      .map(({ date, visitors, sessions }, at) => ({
        key: date,
        values: [
          date,
          visitors,
          sessions,
          ...(before ? [before[at]?.visitors ?? null, before[at]?.sessions ?? null] : []),
        ],
      }))
      .toReversed(),
  };
}
