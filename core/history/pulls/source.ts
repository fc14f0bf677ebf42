import { z } from 'zod';
import type { PullProgress } from '#schemas/history/pull.ts';
import { UnexpectedAnswer } from './errors.ts';

/** A request to the API of a tool, without its token. */
export interface Ask {
  method: 'GET' | 'POST';
  url: string;
  /** JSON of a POST. */
  content?: string;
  /** What the request reads, for messages: `the clicks of bit.ly/3xYz`. */
  about: string;
}

/** Entries of an answer, as the tool writes them. */
export interface Entries {
  kind: EntryKind;
  /** The link that all entries are of, as the tool names it: `bit.ly/3xYz`. Null: each entry names its own, or has none. */
  link: string | null;
  values: unknown[];
}

/** `links` become links, all others history: events and visits are single clicks, days are counts. */
export type EntryKind = 'links' | 'bitly-days' | 'dub-events' | 'dub-days' | 'shlink-visits' | 'plausible-days';

/** What an answer says, and where to go on. */
export interface Step {
  /** Undefined: everything was read. */
  next: JsonValue | undefined;
  entries: Entries[];
  notes: Note[];
}

/** Something that does not come along: a text, and how many are concerned. Equal texts are added up. */
export interface Note {
  text: string;
  count: number;
}

/** JSON that the job keeps between two requests. */
export type JsonValue = z.infer<ReturnType<typeof z.json>>;

/** Why an answer has no entries: the object is gone, or the plan or the scopes of the token do not cover it. */
export type Refusal = 'missing' | 'forbidden';

/** What a pull asks a tool, one request after the other. It has no state: the cursor says everything. */
export interface Source {
  /** Milliseconds between two requests, by the limits that the tool documents. */
  pause: number;
  /** Headers that carry the token. */
  authorize: (token: string) => Readonly<Record<string, string>>;
  /** What the token must be: of which user, with which rights, and of which plan. */
  needs: string;
  /** The address that a user gave, and what it must be. Undefined: the tool has one address. */
  server?: { given: string; allowed: string };
  start: () => JsonValue;
  /** @throws {z.ZodError} for a cursor of another version */
  ask: (cursor: JsonValue) => Ask;
  /**
   * @throws {UnexpectedAnswer} for an answer that is not as the tool documents it
   * @throws {RefusedField} if the answer shows that the pull was given something wrong
   */
  read: (cursor: JsonValue, body: unknown) => Step;
  /** Where to go on when the request was refused. Undefined: nowhere, the pull ends. */
  refuse: (cursor: JsonValue, refusal: Refusal, body: unknown) => Step | undefined;
}

interface Definition<Cursor extends JsonValue> extends Omit<Source, 'start' | 'ask' | 'read' | 'refuse'> {
  cursor: z.ZodType<Cursor>;
  start: () => Cursor;
  ask: (cursor: Cursor) => Ask;
  read: (cursor: Cursor, body: unknown) => StepOf<Cursor>;
  refuse: (cursor: Cursor, refusal: Refusal, body: unknown) => StepOf<Cursor> | undefined;
}

export interface StepOf<Cursor> extends Omit<Step, 'next'> {
  next: Cursor | undefined;
}

/** Creates a source from one that knows its cursors. */
export function defineSource<Cursor extends JsonValue>(definition: Definition<Cursor>): Source {
  const { cursor: schema, start, ask, read, refuse, ...source } = definition;
  return {
    ...source,
    start,
    ask: (cursor) => ask(schema.parse(cursor)),
    read: (cursor, body) => read(schema.parse(cursor), body),
    refuse: (cursor, refusal, body) => refuse(schema.parse(cursor), refusal, body),
  };
}

/** Reads an answer, and drops what the schema does not name. @throws {UnexpectedAnswer} */
export function readAnswer<T>(schema: z.ZodType<T>, body: unknown, about: string): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? 'the answer' : `\`${issue.path.join('.')}\``;
  throw new UnexpectedAnswer(`${about}: ${field} is not as documented`);
}

/** Names of links and groups within URLs and messages. */
export const nameSchema = z.string().min(1).max(500);

/** Returns the progress of a pull that has asked nothing yet. */
export function beginProgress(source: Pick<Source, 'start'>): PullProgress {
  const range = { first: null, last: null, count: 0 };
  return {
    cursor: source.start(),
    answers: 0,
    attempts: 0,
    requests: 0,
    bytes: 0,
    links: 0,
    rows: 0,
    range,
    notes: [],
  };
}
