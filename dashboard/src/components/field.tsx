import { type ReactNode, useId } from 'react';
import { fieldError, otherFieldErrors } from '../api/field-errors.ts';

/** The attributes that tie a control to its label, help and error. */
export interface ControlProps {
  id: string;
  'aria-describedby': string | undefined;
  'aria-invalid': true | undefined;
}

interface FieldProps {
  label: string;
  help?: ReactNode;
  error?: string | undefined;
  children: (control: ControlProps) => ReactNode;
}

export function Field({ label, help, error, children }: FieldProps) {
  const id = useId();
  const hasHelp = help !== undefined && help !== false;
  const described = [hasHelp && `${id}-help`, error !== undefined && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {children({
        id,
        'aria-describedby': described || undefined,
        'aria-invalid': error === undefined ? undefined : true,
      })}
      {hasHelp && (
        <span className="help" id={`${id}-help`}>
          {help}
        </span>
      )}
      {error !== undefined && (
        <span className="error" id={`${id}-error`}>
          {error}
        </span>
      )}
    </div>
  );
}

interface FormErrorProps {
  error: Error | null;
  /** Fields that show their own error. */
  fields?: readonly string[];
}

/** Shows why a request failed, unless fields show all of it. */
export function FormError({ error, fields = [] }: FormErrorProps) {
  if (error === null) return null;
  const others = otherFieldErrors(error, fields);
  if (others.length === 0 && fields.some((field) => fieldError(error, field) !== undefined)) return null;
  return (
    <div className="failure" role="alert">
      <p>{error.message}</p>
      {others.length > 1 && (
        <ul>
          {others.map(({ field, allowed }) => (
            <li key={field}>
              {field} must be {allowed}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
