import { pagePathPattern } from '#schemas/catalog-rules.ts';
import { type CollectEvent, collectEventSchema, collectLimits } from '#schemas/collect-event.ts';

/** What is wrong with a body: `field` is `body` where it is no JSON object. */
export interface BodyProblem {
  field: string;
  value: unknown;
  message: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** A body as far as it was read. One beyond the limit is not parsed at all. */
export type SentBody = { kind: 'object'; fields: Fields } | { kind: 'other'; text: string } | { kind: 'large' };

export type ReadEvent = { kind: 'event'; event: CollectEvent } | { kind: 'unreadable'; problem: BodyProblem };

/** @param bytes size of the body as it was sent */
export function readBody(text: string, bytes: number): SentBody {
  if (bytes > collectLimits.body) return { kind: 'large' };
  const json = parseJson(text);
  return isObject(json) ? { kind: 'object', fields: json } : { kind: 'other', text };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// Only the head of a body that was not parsed is searched.
const searched = 4096;

const pageInText = /"page"\s*:\s*"([^"\\]{1,80})"/;

/** The page that a body speaks of; undefined where it names none that could be one. */
export function pageOfBody(body: SentBody, text: string): string | undefined {
  const page = body.kind === 'object' ? body.fields['page'] : pageInText.exec(text.slice(0, searched))?.[1];
  return typeof page === 'string' && pagePathPattern.test(page) ? page : undefined;
}

/** @param page registered page that the request is for; it stands in where the body names none */
export function readEvent(body: Exclude<SentBody, { kind: 'large' }>, page: string): ReadEvent {
  if (body.kind === 'other') {
    const problem = { field: 'body', value: body.text.slice(0, 1000), message: 'must be a JSON object' };
    return { kind: 'unreadable', problem };
  }
  const parsed = collectEventSchema.safeParse({ page, ...body.fields });
  if (parsed.success) return { kind: 'event', event: parsed.data };
  const [issue] = parsed.error.issues;
  const field = String(issue?.path[0] ?? 'body');
  const problem = { field, value: body.fields[field], message: issue?.message ?? 'is invalid' };
  return { kind: 'unreadable', problem };
}
