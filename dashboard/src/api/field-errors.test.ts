import { expect, it } from 'vitest';
import { ApiProblem } from './client.ts';
import { nestedFieldError, fieldsBelow } from './field-errors.ts';

function problem(...errors: { field: string; value: string | null; allowed: string }[]) {
  return new ApiProblem({ type: 't', title: 't', status: 400, detail: 'd', errors });
}

it('finds what is said of a field, and of what is in it', () => {
  const error = problem(
    { field: 'alerts.recipients[1]', value: 'ada', allowed: 'an address such as ada@example.com' },
    { field: 'alerts.goal', value: '-5', allowed: 'a whole number above 0' },
  );
  expect(nestedFieldError(error, 'alerts.recipients')).toBe('“ada” is not an address such as ada@example.com');
  expect(nestedFieldError(error, 'alerts.goal')).toBe('a whole number above 0');
  expect(nestedFieldError(error, 'alerts.go')).toBeUndefined();
  expect(fieldsBelow(error, ['alerts.recipients'])).toEqual(['alerts.recipients[1]']);
});

it('knows nothing of other errors', () => {
  expect(nestedFieldError(null, 'x')).toBeUndefined();
  expect(fieldsBelow(new Error('offline'), ['x'])).toEqual([]);
});
