import { expect, it } from 'vitest';
import { ApiProblem } from './client.ts';
import { fieldError, otherFieldErrors } from './field-errors.ts';

function problem(...errors: { field: string; value: string | null; allowed: string }[]) {
  return new ApiProblem({ type: 't', title: 't', status: 400, detail: 'd', errors });
}

it('finds the errors of a field and of the values inside it', () => {
  const error = problem(
    { field: 'alerts.recipients[1]', value: 'ada', allowed: 'an address such as ada@example.com' },
    { field: 'alerts.goal', value: '-5', allowed: 'a whole number above 0' },
  );
  expect(fieldError(error, 'alerts.recipients')).toBe('“ada” must be an address such as ada@example.com.');
  expect(fieldError(error, 'alerts.goal')).toBe('Must be a whole number above 0.');
  expect(fieldError(error, 'alerts.go')).toBeUndefined();
  expect(otherFieldErrors(error, ['alerts.recipients']).map(({ field }) => field)).toEqual(['alerts.goal']);
});

it('finds nothing in other errors', () => {
  expect(fieldError(null, 'x')).toBeUndefined();
  expect(otherFieldErrors(new Error('offline'), ['x'])).toEqual([]);
});
