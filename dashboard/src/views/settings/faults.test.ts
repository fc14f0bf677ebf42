import { expect, it } from 'vitest';
import { ApiProblem } from '../../api/client.ts';
import { faultBelow, fieldsBelow } from './faults.ts';

function problem(...errors: { field: string; value: string | null; allowed: string }[]) {
  return new ApiProblem({ type: 't', title: 't', status: 400, detail: 'd', errors });
}

it('finds what is said of a field, and of what is in it', () => {
  const error = problem(
    { field: 'alerts.recipients[1]', value: 'ada', allowed: 'an address such as ada@example.com' },
    { field: 'alerts.goal', value: '-5', allowed: 'a whole number above 0' },
  );
  expect(faultBelow(error, 'alerts.recipients')).toBe('“ada” is not an address such as ada@example.com');
  expect(faultBelow(error, 'alerts.goal')).toBe('a whole number above 0');
  expect(faultBelow(error, 'alerts.go')).toBeUndefined();
  expect(fieldsBelow(error, ['alerts.recipients'])).toEqual(['alerts.recipients[1]']);
});

it('knows nothing of other errors', () => {
  expect(faultBelow(null, 'x')).toBeUndefined();
  expect(fieldsBelow(new Error('offline'), ['x'])).toEqual([]);
});
