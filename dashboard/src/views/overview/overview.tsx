import type { Stats } from '#schemas/api.ts';
import { type Subject, useParts, useStats } from '../../api/queries.ts';
import { plural } from '../../format/numbers.ts';
import { type Measure, shownMeasures } from '../../format/traffic.ts';
import { LiveRegion } from '../../components/live-region.tsx';
import { Freshness } from '../../components/freshness.tsx';
import { Loaded, Notice } from '../../components/panel.tsx';
import { useNow } from '../../range/use-now.ts';
import { RangeBar } from '../../range/range-bar.tsx';
import { readRange, toStatsQuery } from '../../range/range.ts';
import { useLocation } from '../../router/location.ts';
import { AlertsPanel } from '../alerts/alerts-panel.tsx';
import { ForecastPanel } from '../alerts/forecast-panel.tsx';
import { loadedAnomalies, useAnomalies } from '../alerts/queries.ts';
import { Breakdowns } from './breakdowns.tsx';
import { Figures } from './figures.tsx';
import { LedgerStrip } from './ledger-strip.tsx';
import { staleStats } from './stale-part.tsx';
import { TopLinks } from './top-links.tsx';
import { Traffic } from './traffic.tsx';
import { Visits } from './visits.tsx';

interface OverviewProps {
  subject: Subject;
  /** The page's time zone. */
  zone: string;
  /** Path of the ledger; undefined if the user can't open it. */
  ledger?: string;
  /** Omits links to other views. */
  readOnly?: boolean;
}

/** The statistics of a page or a link for a period. Each panel loads and fails independently. */
export function Overview({ subject, zone, ledger, readOnly = false }: OverviewProps) {
  const { query } = useLocation();
  const now = useNow();
  const range = readRange(query, zone, now);
  const stats = useStats(subject, range);
  const previous = useStats(subject, range, 'compared');
  const parts = useParts(subject, range, ['current', 'visitors', 'cities', 'hosts', 'languages', 'utm', 'links']);
  const shownZone = range.zone ?? zone;
  const stale = staleStats(parts.isPlaceholderData ? undefined : parts.data, shownZone, now);
  const isPage = subject.kind === 'pages';
  const measures = measuresOf(stats.data ?? stale?.value, isPage);
  const views = measures.includes('views');
  const before = range.compare !== undefined ? previous.data : undefined;
  // Alerts and forecasts exist for pages only, by the page's dates, and are not shared.
  const showAlerts = isPage && !readOnly;
  const anomalies = useAnomalies(subject.name, showAlerts);
  const marked = range.zone === undefined ? loadedAnomalies(anomalies) : [];
  return (
    <>
      <RangeBar range={range} pageZone={zone} comparable />
      <LiveRegion
        about={JSON.stringify(toStatsQuery(range))}
        text={stats.isPlaceholderData ? undefined : stats.data && summarize(stats.data, measures)}
      />
      <div className="grid">
        <section className="panel wide lead" aria-label="Totals">
          <Loaded query={stats} stale={stale} rows={3}>
            {(value) => (
              <>
                <Figures stats={value} before={before} measures={measures} />
                <LedgerStrip stats={value} zone={shownZone} now={now} {...(ledger !== undefined && { to: ledger })} />
                <Freshness source={value.source} freshness={value.freshness} zone={shownZone} now={now} />
                {value.errors.map(({ part, message }) => (
                  <Notice key={part}>{message}</Notice>
                ))}
              </>
            )}
          </Loaded>
        </section>
        <Traffic
          query={stats}
          stale={stale}
          previous={before}
          views={views}
          anomalies={marked}
          fromFirst={range.preset === 'all'}
        />
        {showAlerts && (
          <>
            <AlertsPanel query={anomalies} page={subject.name} zone={zone} />
            <ForecastPanel page={subject.name} />
          </>
        )}
        {isPage && <TopLinks query={parts} zone={shownZone} readOnly={readOnly} />}
        <Breakdowns
          stats={stats}
          stale={stale}
          parts={parts}
          zone={shownZone}
          measure={breakdownMeasure(stats.data ?? stale?.value)}
        />
        <Visits query={parts} zone={shownZone} />
      </div>
    </>
  );
}

function measuresOf(stats: Stats | undefined, isPage: boolean): Measure[] {
  if (!isPage) return ['clicks'];
  return stats ? shownMeasures(stats.totals) : ['views', 'clicks'];
}

/** Lists rank by clicks, unless there are views only. */
function breakdownMeasure(stats: Stats | undefined): Measure {
  return stats && stats.totals.clicks === 0 && stats.totals.views > 0 ? 'views' : 'clicks';
}

function summarize({ totals }: Stats, measures: readonly Measure[]): string {
  return measures.map((name) => plural(totals[name], name.slice(0, -1))).join(', ');
}
