import { ApiProblem } from '../../api/client.ts';

interface Fault {
  field: string;
  value: string | null;
  allowed: string;
}

const isBelow = (field: string, parent: string): boolean =>
  field === parent || field.startsWith(`${parent}[`) || field.startsWith(`${parent}.`);

const faultsOf = (error: Error | null): readonly Fault[] =>
  error instanceof ApiProblem ? (error.details.errors ?? []) : [];

/** What the API says about a field or what is in it: of `alerts.recipients` also what it says of `alerts.recipients[1]`. */
export const faultBelow = (error: Error | null, field: string): string | undefined => {
  const faults = faultsOf(error).filter((each) => isBelow(each.field, field));
  if (faults.length === 0) return undefined;
  return faults
    .map(({ field: name, value, allowed }) => (name === field ? allowed : `“${value ?? ''}” is not ${allowed}`))
    .join('; ');
};

/** Fields with a fault that belongs to one of these. */
export const fieldsBelow = (error: Error | null, parents: readonly string[]): string[] =>
  faultsOf(error)
    .map(({ field }) => field)
    .filter((field) => parents.some((parent) => isBelow(field, parent)));
