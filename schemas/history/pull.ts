import { z } from 'zod';

export const pullLimits = {
  /** Characters of a token. */
  token: 2_000,
  /** Characters of an address, and of the name of a site or a group. */
  name: 500,
  /** Requests of a pull. */
  requests: 500_000,
  /** Bytes of all answers. */
  bytes: 2_000_000_000,
  /** Bytes of the history in them, packed. At the end of a pull, all are in memory. */
  packed: 300_000_000,
  /** Hours for which a token is kept. */
  tokenHours: 24,
  /** Pulls of a page that are not deleted. */
  ofPage: 100,
  /** Refused links in a report; the others are only counted. */
  refusals: 1_000,
  /** Different notes of a report. */
  notes: 50,
} as const;

/** What is pulled, without the token. */
export const pullRequestSchema = z.discriminatedUnion('tool', [
  z.object({ tool: z.literal('bitly'), group: z.string().optional(), history: z.boolean() }),
  z.object({ tool: z.literal('dub'), history: z.boolean() }),
  z.object({ tool: z.literal('shlink'), server: z.string(), history: z.boolean() }),
  z.object({ tool: z.literal('plausible'), server: z.string(), site: z.string() }),
]);
export type PullRequest = z.infer<typeof pullRequestSchema>;
export type PullTool = PullRequest['tool'];
export const pullTools = pullRequestSchema.options.map(({ shape }) => shape.tool.value);

/** How far a pull has come. Answers before the cursor are kept, and are not asked for again. */
export const pullProgressSchema = z.object({
  /** What the source asks next. */
  cursor: z.json(),
  /** Answers that are kept. */
  answers: z.int(),
  /** Attempts of the present request that failed. */
  attempts: z.int(),
  requests: z.int(),
  bytes: z.int(),
  /** Links and rows of history in the answers. */
  links: z.int(),
  rows: z.int(),
  /** First and last date of the history, and its clicks or views. */
  range: z.object({ first: z.string().nullable(), last: z.string().nullable(), count: z.int() }),
  /** What does not come along, and how many are concerned. */
  notes: z.array(z.object({ text: z.string(), count: z.int() })),
});
export type PullProgress = z.infer<typeof pullProgressSchema>;

/**
 * `waiting` goes on by itself, `paused` when someone starts it again. `failed` never does: it was given what cannot work.
 * `previewed`: all is read, and nothing is written.
 */
export const pullStates = ['running', 'waiting', 'paused', 'failed', 'previewed', 'done'] as const;

export const linkCountsSchema = z.object({ rows: z.int(), accepted: z.int(), repeated: z.int(), refused: z.int() });
export type LinkCounts = z.infer<typeof linkCountsSchema>;

/** A pull, as the catalog keeps it. Its token is kept apart, and not as long. */
export const pullJobSchema = z.object({
  kind: z.literal('pull'),
  id: z.string(),
  page: z.string(),
  request: pullRequestSchema,
  createdAt: z.iso.datetime(),
  state: z.enum(pullStates),
  /** Reads everything, and writes nothing. */
  dryRun: z.boolean(),
  /** Why it waits, is paused or has failed. */
  reason: z.string().nullable(),
  /** When it goes on, milliseconds since the epoch. */
  wakeAt: z.number().nullable(),
  progress: pullProgressSchema,
  /** Whether everything was read. */
  isPulled: z.boolean(),
  /** Objects that hold what was read, and bytes of those with history. */
  parts: z.object({ links: z.int(), rows: z.int(), packed: z.int() }),
  /** Parts whose links are imported, and what became of them. */
  imported: z.object({ parts: z.int(), counts: linkCountsSchema }),
  /** Id of the import that gets the history. */
  importId: z.string(),
  /** Whether there is one. */
  isImported: z.boolean(),
  /** Milliseconds since the epoch of the last step forward. */
  movedAt: z.number(),
  /** Grows with every write: of two runs, one stops. */
  version: z.int(),
});
export type PullJob = z.infer<typeof pullJobSchema>;

const ulid = z.string().regex(/^[0-9A-Z]{26}$/, 'must be a ULID');
const tokenPattern = /^[\x21-\x7e]+$/;
export const tokenSchema = z
  .string()
  .max(pullLimits.token)
  .regex(tokenPattern, `a token of at most ${pullLimits.token} characters, without spaces`);

/**
 * One pull; with a token, which is kept before the pull goes on; or by the clock all that are due. A token is in no payload that
 * Lambda queues: whoever sends it waits.
 */
export const pullPayloadSchema = z.union([
  z.strictObject({ id: ulid }),
  z.strictObject({ id: ulid, token: tokenSchema }),
  z.strictObject({ time: z.iso.datetime() }),
]);

/** A link that was not imported. */
export const refusedLinkSchema = z.object({
  /** As the tool names it. */
  link: z.string(),
  message: z.string(),
});
export type RefusedLink = z.infer<typeof refusedLinkSchema>;

/** What became of the links of a pull. The first refused ones; `counts` has all. */
export const pullReportSchema = z.object({ refused: z.array(refusedLinkSchema) });
export type PullReport = z.infer<typeof pullReportSchema>;

export const instanceAllowed =
  'the https address of an instance, such as https://s.example, without user, query and fragment';

/** The guard lets nobody reach a loopback address but tests of the local stack. */
export function isInstance(text: string): boolean {
  const url = URL.parse(text);
  // `#` alone is an empty fragment: what comes after the address would be part of it.
  if (url === null || url.username !== '' || url.password !== '' || /[?#]/.test(text)) return false;
  return url.protocol === 'https:' || url.hostname === '127.0.0.1';
}
