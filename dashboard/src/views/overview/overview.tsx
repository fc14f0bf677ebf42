import { lazy, Suspense } from 'react';
import type { Stats } from '#schemas/api.ts';
import { maxTopLinks } from '#schemas/api/dashboard.ts';
import type { ShareExtra } from '#schemas/api/shares.ts';
import type { ImportedCounts } from '#schemas/history/imported-counts-api.ts';
import { type Subject, useImportedCounts, useParts, useStats } from '../../api/queries.ts';
import { type Measure, pluralOf, shownMeasures } from '../../format/traffic.ts';
import { LiveRegion } from '../../components/live-region.tsx';
import { Freshness } from '../../components/freshness.tsx';
import { Loaded, Notice } from '../../components/panel.tsx';
import { useNow } from '../../range/use-now.ts';
import { RangeBar } from '../../range/range-bar.tsx';
import { toStatsQuery } from '../../range/range.ts';
import { AlertsPanel } from '../alerts/alerts-panel.tsx';
import { ForecastPanel } from '../alerts/forecast-panel.tsx';
import { OpenAlerts } from '../alerts/open-alerts.tsx';
import { loadedAnomalies, useAnomalies } from '../alerts/queries.ts';
import { ExplainButton } from '../changes/explain-button.tsx';
import { LeadFigures } from '../imported/imported-figures.tsx';
import { ImportedNote } from '../imported/imported-note.tsx';
import { describeImported, importedAlone } from '../imported/imported-words.ts';
import { Breakdowns } from './breakdowns.tsx';
import { Conversions } from './conversions.tsx';
import { Events } from './events.tsx';
import { FigureMeanings, Figures } from './figures.tsx';
import { FilterBar } from './filters/filter-bar.tsx';
import { useFilters } from './filters/use-filters.ts';
import { LedgerStrip } from './ledger-strip.tsx';
import { fileNameOf, type OverviewData } from './overview-data.ts';
import { LastRange, useShownRange } from './shown-range.tsx';
import { staleStats } from './stale-part.tsx';
import { TopLinks } from './top-links.tsx';
import { Traffic } from './traffic.tsx';
import { describeUnsettled } from './unsettled.ts';
import { Visits } from './visits.tsx';

interface OverviewProps {
  subject: Subject;
  /** The page, or the page of the link, by its path without the slash. */
  page: string;
  /** The page's time zone. */
  zone: string;
  /** Path of the ledger; undefined if the user can't open it. */
  ledger?: string;
  /** Omits links to other views, and what changes something. */
  readOnly?: boolean;
  /** What a share shows besides the statistics. @default - everything */
  extras?: readonly ShareExtra[];
}

/** The statistics of a page or a link for a period. Each panel loads and fails independently. */
export function Overview({ subject, page, zone, ledger, readOnly = false, extras }: OverviewProps) {
  const now = useNow();
  const { range, last } = useShownRange(subject, zone, now);
  const filters = useFilters(range.filters);
  const stats = useStats(subject, range);
  const previous = useStats(subject, range, 'compared');
  const parts = useParts(subject, range, ['current', ...listed]);
  // As many links as there may be: one that is missing would look new.
  const previousParts = useParts(subject, range, listed, { which: 'compared', topLinks: maxTopLinks });
  const imported = useImportedCounts(subject, range);
  const shownZone = range.zone ?? zone;
  const stale = staleStats(parts.isPlaceholderData ? undefined : parts.data, shownZone, now);
  const isPage = subject.kind === 'pages';
  const byEvent = range.filters.some(({ dimension }) => dimension === 'event');
  const measures: Measure[] = byEvent ? ['customEvents'] : measuresOf(stats.data ?? stale?.value, isPage);
  const compared = range.compare !== undefined;
  const data: OverviewData = {
    subject,
    range,
    zone: shownZone,
    stats,
    stale,
    before: compared ? previous.data : undefined,
    parts,
    partsBefore: compared ? previousParts.data : undefined,
    imported: range.filters.length > 0 || imported.isPlaceholderData ? undefined : imported.data,
    measure: byEvent ? 'customEvents' : breakdownMeasure(stats.data ?? stale?.value),
  };
  const importedLists = data.imported?.dates && (
    <Suspense>
      <ImportedLists counts={data.imported} file={fileNameOf(data, 'imported')} />
    </Suspense>
  );
  const isEmpty = stats.data?.totals.views === 0 && stats.data.totals.clicks === 0;
  const shown = stats.data ?? stale?.value;
  const alone = shown && importedAlone(shown, data.imported);
  const isAwaited =
    isEmpty &&
    range.filters.length === 0 &&
    imported.failureCount === 0 &&
    (imported.isPending || imported.isPlaceholderData);
  // Alerts and forecasts exist for pages only, by the page's dates, and are not shared.
  const showAlerts = isPage && !readOnly;
  const anomalies = useAnomalies(subject.name, showAlerts);
  const unsettled = describeUnsettled(parts.data?.unsettled, shownZone, now);
  function shows(extra: ShareExtra): boolean {
    return extras === undefined || extras.includes(extra);
  }
  return (
    <>
      <RangeBar range={range} pageZone={zone} comparable>
        <FilterBar
          subject={subject}
          range={range}
          filters={filters}
          segmentsOf={isPage && shows('segments') ? page : undefined}
          readOnly={readOnly}
        />
      </RangeBar>
      <LiveRegion
        about={JSON.stringify(toStatsQuery(range))}
        text={stats.isPlaceholderData || isAwaited ? undefined : stats.data && summarize(stats.data, measures, alone)}
      />
      {last !== undefined && <LastRange range={range} />}
      {showAlerts && <OpenAlerts anomalies={loadedAnomalies(anomalies)} />}
      <div className="grid">
        <section className="panel wide lead" aria-label="Totals">
          <Loaded query={stats} stale={stale} rows={3}>
            {(value) => (
              <>
                <LeadFigures alone={alone} isAwaited={isAwaited}>
                  <Figures stats={value} before={data.before} measures={measures} />
                </LeadFigures>
                <ImportedNote query={imported} range={range} isLead={alone !== undefined} />
                <LedgerStrip stats={value} zone={shownZone} now={now} {...(ledger !== undefined && { to: ledger })} />
                {value.source === 'lake' && unsettled?.totals !== undefined && (
                  <p className="unsettled">{unsettled.totals}</p>
                )}
                {compared && <ExplainButton subject={subject} range={range} />}
                <Freshness source={value.source} freshness={value.freshness} zone={shownZone} now={now}>
                  <FigureMeanings stats={value} />
                </Freshness>
                {value.errors.map(({ part, message }) => (
                  <Notice key={part}>{message}</Notice>
                ))}
              </>
            )}
          </Loaded>
        </section>
        <Traffic
          {...data}
          measures={measures}
          anomalies={showAlerts && range.zone === undefined ? loadedAnomalies(anomalies) : []}
          annotationsOf={shows('annotations') ? page : undefined}
          pageZone={zone}
          readOnly={readOnly}
        />
        {/* Before the cut-over, these are the only lists with numbers. */}
        {isEmpty && importedLists}
        {isPage && !byEvent && <TopLinks {...data} readOnly={readOnly} />}
        <Breakdowns {...data} />
        <Conversions stats={stats.data ?? stale?.value} />
        {!byEvent && <Visits {...data} />}
        <Events {...data} />
        {!isEmpty && importedLists}
        {showAlerts && (
          <>
            <AlertsPanel query={anomalies} page={subject.name} zone={zone} />
            <ForecastPanel page={subject.name} />
          </>
        )}
      </div>
    </>
  );
}

const ImportedLists = lazy(() => import('../imported/imported-lists.tsx'));

const listed = ['visitors', 'cities', 'hosts', 'languages', 'utm', 'links', 'events'] as const;

function measuresOf(stats: Stats | undefined, isPage: boolean): Measure[] {
  if (!isPage) return ['clicks'];
  return stats ? shownMeasures(stats.totals) : ['views', 'clicks'];
}

/** Lists rank by clicks, unless there are views only. */
function breakdownMeasure(stats: Stats | undefined): Measure {
  return stats && stats.totals.clicks === 0 && stats.totals.views > 0 ? 'views' : 'clicks';
}

function summarize({ totals }: Stats, measures: readonly Measure[], alone: ImportedCounts | undefined): string {
  if (alone) return describeImported(alone);
  return measures.map((name) => pluralOf(name, totals[name])).join(', ');
}
