import { parquetMetadata } from 'hyparquet';
import { expect, test } from 'vitest';
import { toParquet } from '#core/enrich/parquet-file.ts';
import {
  type EventField,
  eventFields,
  eventFieldsMarkdown,
  eventRowSchema,
  glueColumns,
  parquetSchema,
} from '#schemas/event.ts';
import { eventRow } from '#test/raw-file.ts';
import { eventsDoc } from './events-doc.ts';

const withField: Record<string, EventField> = {
  ...eventFields,
  screen_width: { kind: 'int', description: 'width of the screen in pixels' },
};

test('a field added to the table is in the parser, Parquet, Glue and the docs', () => {
  const row = { ...eventRow(), screen_width: 390 };
  expect(eventRowSchema(withField).parse(row)).toEqual(row);
  expect(eventRowSchema(withField).safeParse({ ...row, screen_width: 'wide' }).success).toBe(false);
  expect(parquetSchema(withField).at(-1)).toEqual({ name: 'screen_width', type: 'INT32', repetition_type: 'OPTIONAL' });
  expect(glueColumns(withField).at(-1)).toEqual({
    name: 'screen_width',
    type: 'int',
    comment: 'width of the screen in pixels',
  });
  expect(eventFieldsMarkdown(withField)).toContain('| `screen_width` | int |  | width of the screen in pixels |');
});

test('an older row without the field reads as NULL', () => {
  expect(eventRowSchema(withField).safeParse({ ...eventRow(), screen_width: null }).success).toBe(true);
});

test('a raw file has exactly the columns of the table, in its order', () => {
  const bytes = toParquet([eventRow()]);
  const { schema } = parquetMetadata(new Uint8Array(bytes).buffer);
  expect(schema.slice(1).map(({ name }) => name)).toEqual(Object.keys(eventFields));
});

test('docs/events.md has the current table; `node test/contract/events-doc.ts` updates it', () => {
  const { present, current } = eventsDoc();
  expect(present).toBe(current);
});
