import type { Anomaly } from '#schemas/api/detection.ts';
import { plural } from '../../format/numbers.ts';
import { alertsAnchor } from '../../router/routes.ts';

/** One line above the numbers about alerts that are open and not acknowledged. */
export function OpenAlerts({ anomalies }: { anomalies: readonly Anomaly[] }) {
  const [first, ...others] = anomalies.filter(
    ({ state, acknowledgedAt }) => state === 'open' && acknowledgedAt === null,
  );
  if (first === undefined) return null;
  return (
    <p className="notice-line alert-notice">
      <span className="badge alarm">{others.length === 0 ? 'Alert' : plural(others.length + 1, 'alert')}</span>
      <bdi>{first.words.line}</bdi>
      <a href={`#${alertsAnchor}`}>See why</a>
    </p>
  );
}
