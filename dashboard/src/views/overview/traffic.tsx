import { type ReactNode, useState } from 'react';
import type { Stats } from '#schemas/api.ts';
import type { Anomaly } from '#schemas/api/detection.ts';
import { TimeChart } from '../../chart/time-chart.tsx';
import { type ChartOrTable, ChartOrTableControl } from '../../chart/chart-or-table.tsx';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';
import { DataRows } from '../../expand/data-rows.tsx';
import { Expanded, useExpansion } from '../../expand/expansion.tsx';
import { plural } from '../../format/numbers.ts';
import { type Measure, measureName, pluralOf } from '../../format/traffic.ts';
import { formatPoint } from '../../format/times.ts';
import { bandsAt, toBands } from '../alerts/incident-bands.ts';
import { AddAnnotation } from './annotations/add-annotation.tsx';
import { AnnotationMarks } from './annotations/annotation-marks.tsx';
import { annotationsAt, placeAnnotations } from './annotations/place.ts';
import { useAnnotations } from './annotations/queries.ts';
import { fileNameOf, type OverviewData } from './overview-data.ts';
import { joinNames } from '../imported/imported-words.ts';
import { hasTraffic, importedOf, type Series, toChartBands, toData, toLines, toneOf } from './series.ts';
import { lastExactPoint, toSeriesPoints, withoutEmptyStart } from './series-points.ts';

interface TrafficProps extends OverviewData {
  /** Links have clicks only. */
  measures: readonly Measure[];
  anomalies: readonly Anomaly[];
  /** Page whose annotations are shown; undefined shows none. */
  annotationsOf: string | undefined;
  /** The page's time zone. */
  pageZone: string;
  readOnly: boolean;
}

/** Views and clicks over time, as a chart or a table. */
export function Traffic(props: TrafficProps) {
  const { stats, stale, before, anomalies, annotationsOf, imported, pageZone, range, readOnly } = props;
  const tools = imported && imported.series.length > 0 ? imported.tools : [];
  const measures = props.measures.toSorted(byColumn);
  const [format, setFormat] = useState<ChartOrTable>('chart');
  const expansion = useExpansion();
  const annotations = useAnnotations(annotationsOf, range);
  const shown = stats.data ?? stale?.value;
  const unsettled = shown && lastExactPoint(toSeriesPoints(shown, undefined), shown) !== undefined;
  return (
    <Panel
      title="Traffic"
      className="wide"
      actions={
        <>
          <ul className="legend" aria-hidden="true">
            {measures.map((measure) => (
              <li key={measure} className={toneOf(measure)}>
                {measureName(measure)}
              </li>
            ))}
            {tools.length > 0 && (
              <li className="imported-key">Imported from {joinNames(tools)}, not checked for bots</li>
            )}
            {before && <li className="before">Compared</li>}
            {unsettled && <li className="unsettled-key">Not settled yet</li>}
            {anomalies.length > 0 && <li className="alert-key">Alert</li>}
          </ul>
          {annotationsOf !== undefined && !readOnly && <AddAnnotation page={annotationsOf} zone={pageZone} />}
          <ChartOrTableControl label="Traffic as" value={format} onChange={setFormat} />
        </>
      }
      onExpand={expansion.show}
    >
      <Loaded query={stats} stale={stale} rows={6}>
        {(value) => {
          const all = toSeriesPoints(value, before, imported);
          const points = range.preset === 'all' ? withoutEmptyStart(all) : all;
          const series: Series = {
            points,
            measures,
            compared: before !== undefined,
            tools,
            bands: toBands(anomalies, points),
            annotations: placeAnnotations(annotations.data ?? [], points, pageZone),
          };
          return (
            <>
              <Content
                stats={value}
                format={format}
                series={series}
                page={readOnly ? undefined : annotationsOf}
                zone={pageZone}
              />
              <Expanded
                expansion={expansion}
                title="Traffic"
                file={fileNameOf(props, 'traffic')}
                data={() => toData(series)}
              />
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

/** Views stand before clicks, whichever lead. */
function byColumn(a: Measure, b: Measure): number {
  return a < b ? 1 : -1;
}

interface ContentProps {
  stats: Stats;
  format: ChartOrTable;
  series: Series;
  /** The page, if its annotations can be deleted. */
  page: string | undefined;
  /** The page's time zone. */
  zone: string;
}

function Content({ stats, format, series, page, zone }: ContentProps): ReactNode {
  const { points, bands, annotations } = series;
  if (!hasTraffic(series)) return <Empty>No traffic in this period. New clicks show up here within a minute.</Empty>;
  if (format === 'table') return <DataRows label="Traffic over time" {...toData(series)} />;
  const marks = [
    ...(bands.length > 0 ? [plural(bands.length, 'alert')] : []),
    ...(annotations.length > 0 ? [plural(annotations.length, 'annotation')] : []),
  ];
  const marked = marks.length > 0 ? `, ${marks.join(' and ')} marked` : '';
  return (
    <figure className="chart" aria-label={`Traffic over time${marked}. The table shows the same numbers.`}>
      <TimeChart
        height={280}
        starts={points.map(({ start }) => start)}
        lines={toLines(series)}
        unsettledFrom={lastExactPoint(points, stats)}
        alerts={toChartBands(series)}
        tip={(index) => <Tip series={series} index={index} />}
      >
        {(positionOf) =>
          annotations.length > 0 && (
            <AnnotationMarks annotations={annotations} positionOf={positionOf} zone={zone} page={page} />
          )
        }
      </TimeChart>
    </figure>
  );
}

function Tip({
  series: { points, measures, compared, tools, bands, annotations },
  index,
}: {
  series: Series;
  index: number;
}) {
  const point = points[index];
  if (!point) return null;
  const { before } = point;
  const imported = measures.flatMap((measure) => {
    const count = importedOf(point, measure);
    return count === null ? [] : [pluralOf(measure, count)];
  });
  return (
    <>
      <b>{formatPoint(point.start)}</b>
      {measures.map((measure) => (
        <span key={measure} className={toneOf(measure)}>
          {pluralOf(measure, point[measure])}
        </span>
      ))}
      {imported.length > 0 && (
        <span className="soft">
          Imported from {joinNames(tools)}: {imported.join(', ')}
        </span>
      )}
      {compared && before !== null && (
        <span className="soft">
          Compared: {measures.map((measure) => pluralOf(measure, before[measure])).join(', ')}
        </span>
      )}
      {bandsAt(bands, point.start).map(({ id, words }) => (
        <span key={id} className="alarm">
          {words}
        </span>
      ))}
      {annotationsAt(annotations, index).map(({ id, text }) => (
        <span key={id} className="noted" dir="auto">
          {text}
        </span>
      ))}
    </>
  );
}
