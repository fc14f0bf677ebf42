import { conversionNames } from '#core/stats/conversion-words.ts';
import type { DashboardResponse } from '#schemas/api/dashboard.ts';
import { Loaded, Panel } from '../../components/panel.tsx';
import { DataRows } from '../../expand/data-rows.tsx';
import type { Data } from '../../expand/data-table.ts';
import { Expanded, useExpansion } from '../../expand/expansion.tsx';
import { formatAmounts } from '../../format/numbers.ts';
import { useNow } from '../../range/use-now.ts';
import { type Filters, useFilters } from './filters/use-filters.ts';
import { fileNameOf, type OverviewData } from './overview-data.ts';
import { PartError } from './part-error.tsx';
import { StalePartNote } from './stale-part.tsx';
import { describeUnsettled } from './unsettled.ts';

const shownRows = 7;

/** Custom events by name, if there are any. Choosing one filters the view. */
export function Events(data: OverviewData) {
  const { subject, range, parts, zone } = data;
  const { pick } = useFilters(range.filters);
  // A custom event has no link: it belongs to the visit.
  const ofLink = subject.kind === 'links' || range.filters.some(({ dimension }) => dimension === 'link');
  const expansion = useExpansion();
  const words = describeUnsettled(parts.data?.unsettled, zone, useNow());
  const { events, errors } = parts.data ?? {};
  const failed = events === null && errors?.some(({ part }) => part === 'events') === true;
  if (!failed && (events ?? []).length === 0) return null;
  return (
    <Panel title="Events" className="wide" onExpand={expansion.show}>
      <StalePartNote response={parts.data} part="events" zone={zone} />
      <Loaded query={parts}>
        {(value) => {
          if (value.events === null) return <PartError errors={value.errors} part="events" />;
          const { columns, rows } = toData(value.events, ofLink ? undefined : pick);
          return (
            <>
              <DataRows cards label="Events by name" columns={columns} rows={rows.slice(0, shownRows)} />
              <p className="soft">
                {ofLink
                  ? 'Of visits that followed this link, after their last click. '
                  : 'Visitors and their share are added up over days. '}
                Events of another device, or sent by a server without an address, belong to no visit.
              </p>
              {words?.note !== undefined && <p className="unsettled">{words.note}</p>}
              <Expanded
                expansion={expansion}
                title="Events"
                file={fileNameOf(data, 'events')}
                data={() => ({ columns, rows, note: words?.note ?? words?.empty })}
              />
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function toData(events: NonNullable<DashboardResponse['events']>, pick: Filters['pick'] | undefined): Data {
  return {
    columns: [
      { name: 'Event', kind: 'id' },
      { name: 'Count', kind: 'count' },
      { name: 'Visitors', kind: 'count' },
      { name: 'Share of visitors', kind: 'share' },
      { name: 'Revenue', kind: 'text' },
      { name: 'Kind', kind: 'text' },
    ],
    rows: events.map(({ event, kind, count, visitors, rate, revenue }) => ({
      key: `${kind} ${event}`,
      values: [event, count, visitors, rate, formatAmounts(revenue), kind === null ? '' : conversionNames[kind]],
      onPick: pick?.('event', event).onPick,
    })),
  };
}
