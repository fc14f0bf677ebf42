import type { DashboardResponse, DashboardPart } from '#schemas/api/dashboard.ts';
import { useFailure } from '../../api/failures.tsx';
import { Empty } from '../../components/panel.tsx';

interface PartErrorProps {
  errors: DashboardResponse['errors'] | undefined;
  /** @default - the first part that failed */
  part?: DashboardPart;
}

/** Says why a part is missing from a response. */
export function PartError({ errors = [], part }: PartErrorProps) {
  const error = part === undefined ? errors[0] : errors.find((each) => each.part === part);
  const message = error?.message ?? 'Temporarily unavailable.';
  if (useFailure(message)) return <Empty>Not available.</Empty>;
  return (
    <p className="failure" role="alert">
      {message}
    </p>
  );
}
