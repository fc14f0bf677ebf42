import { useParts, useStats } from '../../api/queries.ts';
import { type Bar, Bars } from '../../components/bars.tsx';
import { Loaded, Panel } from '../../components/panel.tsx';
import { valueName } from '../../format/names.ts';
import { dateIn, formatInstant, startOfHourIn } from '../../format/times.ts';
import type { Range } from '../../range/range.ts';
import { PartError } from '../overview/part-error.tsx';
import { useNow } from '../../range/use-now.ts';
import { Link } from '../../router/link.tsx';
import { linkPath } from '../../router/routes.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Links, places and sources since the start of the hour that it was half an hour ago: counters are kept by the hour. */
export function TopNow({ page, zone, paused }: { page: string; zone: string; paused: boolean }) {
  const now = useNow();
  const range = lastHours(zone, now);
  const subject = { kind: 'pages', name: page } as const;
  const stats = useStats(subject, range, 'current', !paused);
  const parts = useParts(subject, range, ['links'], { enabled: !paused, live: true });
  const since = `since ${formatInstant(range.from, zone, now)}`;
  const measure = stats.data && stats.data.totals.views > stats.data.totals.clicks ? 'views' : 'clicks';
  return (
    <div className="live-lists">
      <Panel title={`Links ${since}`}>
        <Loaded query={parts} rows={3}>
          {({ links, errors }) =>
            links === null ? (
              <PartError errors={errors} part="links" />
            ) : (
              <Bars
                bars={links.map(({ code, title, clicks }) => {
                  const text = title ?? `/${code}`;
                  return { key: code, label: <Link to={linkPath(code)}>{text}</Link>, title: text, value: clicks };
                })}
                total={stats.data?.totals.clicks ?? 0}
                unit="clicks"
                empty={`No clicks ${since}.`}
              />
            )
          }
        </Loaded>
      </Panel>
      {lists.map(({ title, dimension }) => (
        <Panel key={dimension} title={`${title} ${since}`}>
          <Loaded query={stats} rows={3}>
            {({ breakdowns }) => {
              const bars = breakdowns[dimension].map((row) => toBar(row, dimension, measure));
              const shown = bars.filter(({ value }) => value > 0).toSorted((a, b) => b.value - a.value);
              const total = shown.reduce((sum, { value }) => sum + value, 0);
              return <Bars bars={shown} total={total} unit={measure} empty={`No ${measure} ${since}.`} />;
            }}
          </Loaded>
        </Panel>
      ))}
    </div>
  );
}

const lists = [
  { title: 'Places', dimension: 'country' },
  { title: 'Sources', dimension: 'referrer' },
] as const;

type Shown = 'views' | 'clicks';
type Counted = (typeof lists)[number]['dimension'];

function toBar(row: { value: string | null } & Record<Shown, number>, dimension: Counted, measure: Shown): Bar {
  const text = valueName(dimension, row.value);
  return { key: row.value ?? '', label: text, title: text, value: row[measure] };
}

function lastHours(zone: string, now: number): Range {
  const start = startOfHourIn(zone, now - 30 * minute);
  const [from, to] = [new Date(start).toISOString(), new Date(start + 2 * hour).toISOString()];
  const dates = { from: dateIn(zone, start), to: dateIn(zone, now) };
  return {
    preset: 'custom',
    from,
    to,
    interval: 'hour',
    dates,
    compare: undefined,
    compared: dates,
    zone: undefined,
    filters: [],
    live: true,
  };
}
