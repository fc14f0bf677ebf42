import { pagePathPattern } from '#schemas/catalog-rules.ts';
import { type CollectEvent, collectEventSchema, collectLimits } from '#schemas/collect-event.ts';

/** What is wrong with a body. `field` is `body` if it is not a JSON object. */
export interface BodyProblem {
  field: string;
  value: unknown;
  message: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** A parsed body. A body above the limit is not parsed. */
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

// An unparsed body is only searched in its first characters.
const searched = 4096;

const pageInText = /"page"\s*:\s*"([^"\\]{1,80})"/;

/** Returns the page that a body names; undefined if it names no valid path. */
export function pageOfBody(body: SentBody, text: string): string | undefined {
  const page = body.kind === 'object' ? body.fields['page'] : pageInText.exec(text.slice(0, searched))?.[1];
  return typeof page === 'string' && pagePathPattern.test(page) ? page : undefined;
}

/** @param page the request's registered page, used if the body names none */
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
