import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeIssue, describeSchemaError } from './field-error.ts';

describe('describeSchemaError', () => {
  const schema = z.strictObject({ rules: z.array(z.strictObject({ weight: z.number() })) });
  const data = { rules: [{ weight: 'high', colour: 'red' }] };

  it('names each field, also one that is not known, whichever messages are set for the process', () => {
    const plain = schema.safeParse(data, { error: z.locales.en().localeError });
    const phrases = schema.safeParse(data, { error: describeIssue });
    if (plain.success || phrases.success) throw new Error('The data must be invalid.');
    expect(describeSchemaError(plain.error)).toBe(
      'rules[0].weight: Invalid input: expected number, received string; ' +
        'rules[0].colour: Unrecognized key: "colour"',
    );
    expect(describeSchemaError(phrases.error)).toBe(
      'rules[0].weight: a number; rules[0].colour: a known field or parameter',
    );
  });

  it('names the data itself by what it is called', () => {
    const parsed = schema.safeParse('text', { error: describeIssue });
    if (parsed.success) throw new Error('The data must be invalid.');
    expect(describeSchemaError(parsed.error, 'line')).toBe('line: an object');
  });
});
