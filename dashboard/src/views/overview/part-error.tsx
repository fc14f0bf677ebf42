import type { DashboardResponse, DashboardPart } from '#schemas/api/dashboard.ts';

interface PartErrorProps {
  errors: DashboardResponse['errors'] | undefined;
  /** Undefined for whichever failed first. */
  part?: DashboardPart;
}

/** One part of an answer that came without it. */
export function PartError({ errors = [], part }: PartErrorProps) {
  const error = part === undefined ? errors[0] : errors.find((each) => each.part === part);
  return (
    <p className="failure" role="alert">
      {error?.message ?? 'This part could not be read at the moment.'}
    </p>
  );
}
