import type { DashboardAnswer, DashboardPart } from '#schemas/api/dashboard.ts';

interface PartFailedProps {
  errors: DashboardAnswer['errors'] | undefined;
  /** Undefined for whichever failed first. */
  part?: DashboardPart;
}

/** One part of an answer that came without it. */
export function PartFailed({ errors = [], part }: PartFailedProps) {
  const error = part === undefined ? errors[0] : errors.find((each) => each.part === part);
  return (
    <p className="failure" role="alert">
      {error?.message ?? 'This part could not be read at the moment.'}
    </p>
  );
}
