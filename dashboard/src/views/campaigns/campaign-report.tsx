import { type ReactNode, useState } from 'react';
import type { CampaignReport, PublicCampaign } from '#schemas/api/insights/campaigns.ts';
import { formatMetric } from '#core/metrics/format-metric.ts';
import { earlierDate, laterDate } from '#core/ledger/time-range.ts';
import type { CampaignDimension } from '#schemas/dimensions.ts';
import { type ChartOrTable, ChartOrTableControl } from '../../chart/chart-or-table.tsx';
import { TimeChart } from '../../chart/time-chart.tsx';
import { Bars } from '../../components/bars.tsx';
import { PartErrors } from '../../components/freshness.tsx';
import { Empty, Panel } from '../../components/panel.tsx';
import { DataRows } from '../../expand/data-rows.tsx';
import { formatCount, formatShare, plural } from '../../format/numbers.ts';
import { valueName } from '../../format/names.ts';
import { Figure } from '../overview/figures.tsx';
import { addDays, daysBetween, formatInstant, formatPoint } from '../../format/times.ts';

/** How often a report and a public page load again: they are kept for a minute. */
export const campaignRefreshMs = 60_000;

/** What a report and a public page have in common. */
export type ShownCampaign = Pick<PublicCampaign, keyof PublicCampaign & keyof CampaignReport>;

interface DaysProps {
  report: Pick<ShownCampaign, 'days' | 'settledThrough'>;
  /** First and last date of the campaign. */
  from: string;
  to: string;
  today: string;
}

/** Clicks and visitors by day, as a chart or a table: to its last date, or to today. */
export function CampaignDays({ report: { days, settledThrough }, from, to: end, today }: DaysProps) {
  const [format, setFormat] = useState<ChartOrTable>('chart');
  const byDate = new Map(days.map((day) => [day.date, day]));
  // Pages east of here may be on the next date already.
  const to = earlierDate(laterDate(today, days.at(-1)?.date ?? ''), end);
  const dates = Array.from({ length: Math.max(0, daysBetween(from, to) + 1) }, (_, at) => addDays(from, at));
  const points = dates.map((date) => {
    const isExact = settledThrough !== null && date <= settledThrough;
    return byDate.get(date) ?? { date, clicks: 0, visitors: isExact ? 0 : null };
  });
  const lastExact = settledThrough === null ? -1 : dates.indexOf(settledThrough);
  const unsettledFrom = lastExact === dates.length - 1 ? undefined : Math.max(0, lastExact);
  return (
    <Panel
      title="Clicks by day"
      className="wide"
      actions={
        <>
          <ul className="legend" aria-hidden="true">
            <li className="clicks">Clicks</li>
            {unsettledFrom !== undefined && points.length > 0 && <li className="unsettled-key">Not settled yet</li>}
          </ul>
          <ChartOrTableControl label="Clicks by day as" value={format} onChange={setFormat} />
        </>
      }
    >
      {days.length === 0 ? (
        <Empty>No clicks yet. They show up here within a minute or two.</Empty>
      ) : format === 'table' ? (
        <DataRows
          label="Clicks by day"
          columns={[
            { name: 'Date', kind: 'point' },
            { name: 'Clicks', kind: 'count' },
            { name: 'Daily visitors', kind: 'count' },
          ]}
          rows={points.map(({ date, clicks, visitors }) => ({ key: date, values: [date, clicks, visitors] }))}
        />
      ) : (
        <figure className="chart" aria-label="Clicks by day. The table shows the same numbers.">
          <TimeChart
            height={240}
            starts={dates}
            lines={[{ className: 'clicks', area: true, values: points.map(({ clicks }) => clicks) }]}
            unsettledFrom={unsettledFrom}
            tip={(index) => {
              const point = points[index];
              if (point === undefined) return null;
              return (
                <>
                  <b>{formatPoint(point.date)}</b>
                  <span className="clicks">{plural(point.clicks, 'click')}</span>
                  {point.visitors !== null && <span>{plural(point.visitors, 'visitor')}</span>}
                </>
              );
            }}
          />
        </figure>
      )}
    </Panel>
  );
}

interface LinksProps {
  report: Pick<ShownCampaign, 'links' | 'otherLinks' | 'totals'>;
  /** Returns how a link is shown. @default - its title or code as text */
  toLabel?: (link: ShownCampaign['links'][number]) => ReactNode;
}

export function CampaignLinks({ report: { links, otherLinks, totals }, toLabel }: LinksProps) {
  return (
    <Panel title="Links">
      <Bars
        bars={links.map((link) => {
          const title = link.title ?? `/${link.code}`;
          return { key: `${link.page}${link.code}`, title, label: toLabel?.(link) ?? title, value: link.clicks };
        })}
        total={totals.clicks}
        unit="clicks"
        empty="No clicks yet."
      />
      {otherLinks > 0 && <p className="soft">{plural(otherLinks, 'click')} on other links.</p>}
    </Panel>
  );
}

const panels: readonly [CampaignDimension, string][] = [
  ['referrer', 'Sources'],
  ['country', 'Countries'],
  ['device', 'Devices'],
];

export function CampaignBreakdowns({ report }: { report: Pick<ShownCampaign, 'breakdowns' | 'totals'> }) {
  return panels.map(([dimension, title]) => (
    <Panel key={dimension} title={title}>
      <Bars
        bars={report.breakdowns[dimension].map(({ value, clicks }) => {
          const name = valueName(dimension, value);
          return { key: String(value), title: name, label: name, value: clicks };
        })}
        total={report.totals.clicks}
        unit="clicks"
        empty="No clicks yet."
      />
    </Panel>
  ));
}

interface FreshnessProps {
  report: Pick<ShownCampaign, 'sources' | 'errors' | 'settledThrough'>;
  zone: string;
  now: number;
}

/** Says as of when the numbers are, and which parts are old or missing. */
export function CampaignFreshness({ report: { sources, errors, settledThrough }, zone, now }: FreshnessProps) {
  const { open } = sources;
  return (
    <>
      <p className="freshness">
        <span className="pulse" aria-hidden="true" />
        <span>
          {open && `As of ${formatInstant(open.asOf, zone, now)} · `}
          {settledThrough === null ? 'no settled day yet' : `exact through ${formatPoint(settledThrough)}`}
        </span>
      </p>
      <PartErrors errors={errors} sources={sources} zone={zone} now={now} />
    </>
  );
}

/** The campaign's own number, before all others. */
export function MetricFigure({ metric }: { metric: NonNullable<ShownCampaign['metric']> }) {
  const { name, value, error, ignored } = metric;
  return (
    <Figure main name={<bdi dir="auto">{name}</bdi>} value={error === 'overflow' ? '–' : formatMetric(value, metric)}>
      {error === 'overflow' && <span className="soft">too large to be exact</span>}
      {ignored > 0 && <span className="soft">{plural(ignored, 'event')} ignored</span>}
    </Figure>
  );
}

export function describeBots({ bots, botShare }: ShownCampaign['totals']): string {
  return botShare === null ? '–' : `${formatShare(botShare)} (${formatCount(bots)})`;
}
