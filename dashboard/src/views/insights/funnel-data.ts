import type { FunnelReport, FunnelReportStep } from '#schemas/api/insights/funnels.ts';
import type { Data, DataRow } from '../../expand/data-table.ts';
import { valueName } from '../../format/names.ts';
import { formatShare } from '../../format/numbers.ts';
import { describeStep } from './funnel-steps.tsx';

/** Returns a row for each step, in total and of each value, for the dialog and its CSV. */
export function toFunnelData({ funnel, by, steps, values, coverage, settledThrough }: FunnelReport): Data {
  function toRows(value: string, of: readonly FunnelReportStep[]): DataRow[] {
    return of.map(({ step, reached, ofFirst, ofPrevious, open, lost, medianSeconds }) => ({
      key: `${value} ${step}`,
      values: [
        value,
        `${step}. ${describeStep(funnel.steps[step - 1])}`,
        String(reached),
        ofFirst,
        ofPrevious,
        lost,
        open,
        medianSeconds === null ? null : Math.round(medianSeconds),
      ],
    }));
  }
  return {
    columns: [
      { name: 'Of', kind: 'text' },
      { name: 'Step', kind: 'text' },
      { name: funnel.unit === 'person' ? 'People' : 'Visits', kind: 'text' },
      { name: 'Of the first step', kind: 'share' },
      { name: 'Of the step before', kind: 'share' },
      { name: 'Lost', kind: 'count' },
      { name: 'Can still go on', kind: 'count' },
      { name: 'Median seconds', kind: 'count' },
    ],
    rows: [
      ...toRows('All', steps),
      ...values.flatMap(({ value, steps: own }) => toRows(by === null ? value : valueName(by, value), own)),
    ],
    note: `${formatShare(coverage.share)} of the events belong to a ${funnel.unit === 'person' ? 'person' : 'visit'}. Settled through ${settledThrough ?? '–'}.`,
  };
}
