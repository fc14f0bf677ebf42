import { type ReactNode, useId } from 'react';
import { ApiProblem } from '../api/client.ts';

/** What a control needs to be tied to its label, its help and its fault. */
export interface ControlProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

interface FieldProps {
  label: string;
  help?: ReactNode;
  /** What is wrong with the value. */
  error?: string | undefined;
  children: (control: ControlProps) => ReactNode;
}

export function Field({ label, help, error, children }: FieldProps) {
  const id = useId();
  const described = [help !== undefined && `${id}-help`, error !== undefined && `${id}-fault`]
    .filter(Boolean)
    .join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': error === undefined ? undefined : true,
      })}
      {help !== undefined && (
        <span className="help" id={`${id}-help`}>
          {help}
        </span>
      )}
      {error !== undefined && (
        <span className="error" id={`${id}-fault`}>
          {error}
        </span>
      )}
    </div>
  );
}

/** What a request that failed says, as far as no field of the form says it. */
export function FormError({ error, fields }: { error: Error | null; fields: readonly string[] }) {
  if (error === null || fields.some((field) => fieldError(error, field) !== undefined)) return null;
  const details = error instanceof ApiProblem ? (error.details.errors ?? []) : [];
  return (
    <div className="failure" role="alert">
      <p>{error.message}</p>
      {details.length > 1 && (
        <ul>
          {details.map(({ field, allowed }) => (
            <li key={field}>
              {field}: {allowed}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** What the API says about one field of a request. */
export function fieldError(error: Error | null, field: string): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  return error.details.errors?.find((each) => each.field === field)?.allowed;
}
