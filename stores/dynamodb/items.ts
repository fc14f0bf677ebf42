import { describeSchemaError } from '#core/field-error.ts';
import { dayLength } from '#core/time.ts';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { z } from 'zod';
import { expiryAttribute } from '#schemas/tables.ts';
import { DamagedItem } from '../errors.ts';
import { describeKey, type Item, keyOf } from './table.ts';

/** Returns an item with these attributes; undefined values are left out. */
export function toItem(value: Readonly<Record<string, unknown>>): Item {
  return marshall(value, { removeUndefinedValues: true });
}

/** Returns the item as its schema declares it. @throws {DamagedItem} naming the item, with the parser's error as cause */
export function parseItem<Schema extends z.ZodType>(schema: Schema, item: Item): z.output<Schema> {
  const parsed = schema.safeParse(unmarshall(item));
  if (!parsed.success)
    throw new DamagedItem(`item ${describeKey(keyOf(item))} is damaged: ${describeSchemaError(parsed.error)}`, {
      cause: parsed.error,
    });
  return parsed.data;
}

/** Returns the attribute by which an item expires some days after a moment (milliseconds since the epoch). */
export function expiring(moment: number, days: number): { [expiryAttribute]: number } {
  return { [expiryAttribute]: Math.ceil((moment + days * dayLength) / 1000) };
}

/** Returns false for an item that has expired: DynamoDB deletes it up to two days later. */
export function isLive(item: Item, now: number): boolean {
  return Number(item[expiryAttribute]?.N ?? Number.POSITIVE_INFINITY) * 1000 > now;
}
