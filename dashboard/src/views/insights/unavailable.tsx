import type { Retention } from '#schemas/api/insights/retention.ts';
import { Empty, Notice } from '../../components/panel.tsx';
import { Link } from '../../router/link.tsx';
import { settingsPath } from '../../router/routes.ts';

/** Says that few of the visitors are people with an id. */
export function LowCoverage({ coverage }: Pick<Retention, 'coverage'>) {
  if (!coverage.low) return null;
  return <Notice>These are people who agreed, not all: fewer than a tenth of the events have an id.</Notice>;
}

interface UnavailableProps {
  page: string;
  reason: NonNullable<Retention['unavailable']>;
  readOnly: boolean;
}

/** Says why there is nothing, and leads to the setting that changes it. */
export function Unavailable({ page, reason, readOnly }: UnavailableProps) {
  return (
    <Empty>
      {reason.message}
      {reason.reason === 'identities-off' && !readOnly && (
        <>
          {' '}
          <Link to={settingsPath(page, 'tracking')}>Choose ids of people</Link>
        </>
      )}
    </Empty>
  );
}
