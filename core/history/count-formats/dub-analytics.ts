import { UnreadableFile } from '#core/imports/unreadable-file.ts';
import { dayLength, hourLength } from '#core/time.ts';
import { hasColumns, readCsv } from '../csv-reading.ts';
import type { HistoryFormat } from '../format.ts';
import type { RowSink } from '../history-row.ts';
import { readMoment } from '../moments.ts';
import { readCount, toUtcHour } from './count-cells.ts';

interface Interval {
  line: number;
  start: string;
  at: number;
  clicks: number;
}

/** Intervals of a file: ten years of hours. */
const mostIntervals = 100_000;

/** Clicks over time of a workspace, from the export of its analytics: `timeseries.csv`. Source: docs/imports.md#dub. */
export const dubAnalytics: HistoryFormat = {
  name: 'dub-analytics',
  tool: 'dub',
  title: 'the export of Dub’s analytics (ZIP with `timeseries.csv`)',
  grain: 'counts',
  detects: (head) => hasColumns(head, ['start', 'clicks']) && !hasColumns(head, ['url']),
  open: ({ zone }, sink) => {
    const intervals: Interval[] = [];
    const reading = readCsv({
      columns: { start: ['start'], clicks: ['clicks'] },
      required: ['start', 'clicks'],
      sink,
      onRow: (row) => {
        const clicks = readCount(row, 'clicks');
        if (clicks === undefined) return;
        const start = row.cell('start');
        const moment = readMoment(start, zone);
        if ('reason' in moment) return row.refuse('start', moment.reason);
        if (intervals.length >= mostIntervals) throw new UnreadableFile(`the file has more than ${mostIntervals} rows`);
        intervals.push({ line: row.line, start, at: moment.at, clicks });
      },
    });
    return {
      push: reading.push,
      end: () => {
        reading.end();
        writeRows(intervals, sink);
      },
    };
  },
};

/** The file does not say how long its intervals are. */
function writeRows(intervals: readonly Interval[], sink: RowSink): void {
  const starts = intervals.map(({ at }) => at).toSorted((a, b) => a - b);
  const shortest = Math.min(
    ...starts
      .slice(1)
      .map((at, index) => at - (starts[index] ?? at))
      .filter((gap) => gap > 0),
  );
  const isHourly = shortest < 20 * hourLength;
  if (Number.isFinite(shortest) && shortest > 25 * hourLength) {
    const reason = `is one of intervals of ${Math.round(shortest / dayLength)} days or more; export a shorter range, which has days`;
    for (const { line, start } of intervals) sink.refuse({ line, column: 'start', value: start, reason });
    return;
  }
  for (const { line, start, at, clicks } of intervals)
    sink.row(
      isHourly
        ? { grain: 'hour', line, at: toUtcHour(at), clicks, adds: true }
        : { grain: 'day', line, at: start.slice(0, 10), clicks },
    );
}
