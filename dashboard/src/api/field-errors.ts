import { ApiProblem } from './client.ts';

/** What the API says about a field or what is in it: of `alerts.recipients` also what it says of `alerts.recipients[1]`. */
export function nestedFieldError(error: Error | null, field: string): string | undefined {
  const faults = readFieldErrors(error).filter((each) => isWithin(each.field, field));
  if (faults.length === 0) return undefined;
  return faults
    .map(({ field: name, value, allowed }) => (name === field ? allowed : `“${value ?? ''}” is not ${allowed}`))
    .join('; ');
}

interface FieldError {
  field: string;
  value: string | null;
  allowed: string;
}

function readFieldErrors(error: Error | null): readonly FieldError[] {
  return error instanceof ApiProblem ? (error.details.errors ?? []) : [];
}

function isWithin(field: string, parent: string): boolean {
  return field === parent || field.startsWith(`${parent}[`) || field.startsWith(`${parent}.`);
}

/** Fields with a fault that belongs to one of these. */
export function fieldsBelow(error: Error | null, parents: readonly string[]): string[] {
  return readFieldErrors(error)
    .map(({ field }) => field)
    .filter((field) => parents.some((parent) => isWithin(field, parent)));
}
