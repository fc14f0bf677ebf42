import { ApiProblem } from './client.ts';

interface FieldError {
  field: string;
  value: string | null;
  /** Follows “must be”: `an address such as ada@example.com`. */
  allowed: string;
}

/** Returns what the API says about a field or a value inside it: for `alerts.recipients` also `alerts.recipients[1]`. */
export function fieldError(error: Error | null, field: string): string | undefined {
  const sentences = readFieldErrors(error)
    .filter((each) => isWithin(each.field, field))
    .map(({ field: name, value, allowed }) => {
      const subject = name === field ? 'Must' : `“${value ?? ''}” must`;
      return `${subject} be ${allowed.replaceAll('`', '')}.`;
    });
  return sentences.length === 0 ? undefined : sentences.join(' ');
}

function readFieldErrors(error: Error | null): readonly FieldError[] {
  return error instanceof ApiProblem ? (error.details.errors ?? []) : [];
}

function isWithin(field: string, parent: string): boolean {
  return field === parent || field.startsWith(`${parent}[`) || field.startsWith(`${parent}.`);
}

/** Returns the errors that no control of the form shows. */
export function otherFieldErrors(error: Error | null, shown: readonly string[]): FieldError[] {
  return readFieldErrors(error).filter(({ field }) => !shown.some((parent) => isWithin(field, parent)));
}

/** Returns whether a change was refused because someone else has changed what it is based on. */
export function isOutdated(error: Error | null): boolean {
  return error instanceof ApiProblem && error.details.status === 412;
}
