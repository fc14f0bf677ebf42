import type { DashboardResponse, DashboardPart } from '#schemas/api/dashboard.ts';

interface PartErrorProps {
  errors: DashboardResponse['errors'] | undefined;
  /** @default - the first part that failed */
  part?: DashboardPart;
}

/** Says why a part is missing from a response. */
export function PartError({ errors = [], part }: PartErrorProps) {
  const error = part === undefined ? errors[0] : errors.find((each) => each.part === part);
  return (
    <p className="failure" role="alert">
      {error?.message ?? 'Temporarily unavailable.'}
    </p>
  );
}
