import type { CSSProperties } from 'react';
import type { FunnelReport, FunnelReportStep, FunnelStep } from '#schemas/api/insights/funnels.ts';
import { dimensions } from '#schemas/dimensions.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Empty } from '../../components/panel.tsx';
import { valueName } from '../../format/names.ts';
import { formatCount, formatDuration, formatShare } from '../../format/numbers.ts';
import { describeMatch } from './event-field.tsx';

/** The steps as a list, each with a bar as long as its share of the first. */
export function FunnelSteps({ report: { funnel, steps } }: { report: FunnelReport }) {
  if (steps[0]?.reached === 0)
    return <Empty>No event matches the first step in this period: {describeStep(funnel.steps[0])}.</Empty>;
  return (
    <ol className="funnel">
      {steps.map((step, at) => (
        <li key={step.step} style={{ '--share': `${(step.ofFirst ?? 0) * 100}%` } as CSSProperties}>
          <h3 dir="auto">{describeStep(funnel.steps[at])}</h3>
          <span className="bar-value">
            {formatReached(step.reached)} <small>{formatShare(step.ofFirst)}</small>
          </span>
          <i className="funnel-bar" aria-hidden="true" />
          <p className="soft">{describeWay(step, at)}</p>
        </li>
      ))}
    </ol>
  );
}

/** `60.0% of the step before, median 40 s · 12 lost, 3 can still go on` */
function describeWay({ ofPrevious, medianSeconds, lost, open }: FunnelReportStep, at: number): string {
  const way = at === 0 ? [] : [`${formatShare(ofPrevious)} of the step before, median ${formatTime(medianSeconds)}`];
  const left = lost === null || lost === 0 ? [] : [`${formatCount(lost)} went no further`];
  const waiting = open === null || open === 0 ? [] : [`${formatCount(open)} can still go on`];
  return [...way, ...left, ...waiting].join(' · ');
}

/** `/pricing`, `Signed Up` */
export function describeStep(step: FunnelStep | undefined): string {
  if (step === undefined) return '';
  return step.path === undefined ? describeMatch(step) : `${describeMatch(step)} of ${step.path}`;
}

/** Days from two of them on, then hours. */
function formatTime(seconds: number | null): string {
  if (seconds === null || seconds < 3_600) return formatDuration(seconds);
  const hours = seconds / 3_600;
  return hours < 48 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} days`;
}

export function formatReached(reached: FunnelReportStep['reached']): string {
  return typeof reached === 'number' ? formatCount(reached) : reached;
}

/** The values of the breakdown, if there is one. On a phone, each is a card. */
export function FunnelValues({ report: { by, values, funnel } }: { report: FunnelReport }) {
  if (by === null) return null;
  if (values.length === 0) return <Empty>No values of this breakdown, or too few people to show.</Empty>;
  const names = funnel.steps.map((step, at) => `${at + 1}. ${describeStep(step)}`);
  return (
    <DataTable
      label={`The funnel by ${dimensions[by].label.toLowerCase()}`}
      className="data-table cards"
      columns={[{ name: dimensions[by].label, align: 'text' }, ...names]}
    >
      {values.map(({ value, steps }) => (
        <tr key={value}>
          <th scope="row" className="text" dir="auto">
            {valueName(by, value)}
          </th>
          {steps.map(({ step, reached, ofFirst }) => (
            <td key={step} data-label={names[step - 1]}>
              {formatReached(reached)} {step > 1 && <small>{formatShare(ofFirst)}</small>}
            </td>
          ))}
        </tr>
      ))}
    </DataTable>
  );
}
