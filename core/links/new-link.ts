import { describeFieldError, describeIssue } from '#core/field-error.ts';
import { type LinkInput, linkInputSchema } from '#schemas/catalog.ts';
import { checkDestination, listDestinations, type OwnLinks } from './destination.ts';
import { checkCode } from './link-code.ts';
import type { Loop } from './loop.ts';

/** An invalid field of a link. */
export interface LinkProblem {
  field: string;
  rule: string;
  /** The given value, shortened; null if it was missing. */
  value: string | null;
  /** What the field must be. */
  allowed: string;
  /** Field, value and what is allowed, as a sentence. */
  message: string;
}

export type LinkCheck = { kind: 'accepted'; link: LinkInput } | { kind: 'refused'; problems: LinkProblem[] };

export interface LinkContext {
  /** Milliseconds since the epoch: `createdAt` and `updatedAt` if the input has none. */
  now: number;
  /** Hosts of the stack (`go.example`), to refuse a link to itself. */
  ownHosts: readonly string[];
  /** Whether codes are equal if they differ in capitals only; the link's code is then stored in lower case. */
  ignoreCase: boolean;
}

/** Returns the problem of a link that leads back to itself through other links. */
export function describeLoop({ field, url, codes }: Loop): LinkProblem {
  const way = codes.map((code) => `/${code}`).join(' → ');
  return problemOf(field, 'destination.loop', toText(url), `a URL that does not lead back to the link (${way})`);
}

/**
 * Checks a new or changed link: its fields, its code, and every destination. Reports all problems at once.
 * @param input of any shape, from a request or a file
 */
export function checkLink(input: unknown, { now, ...own }: LinkContext): LinkCheck {
  const at = new Date(now).toISOString();
  const stamped = typeof input === 'object' && input !== null ? { createdAt: at, updatedAt: at, ...input } : input;
  const parsed = linkInputSchema.safeParse(stamped, { error: describeIssue });
  if (!parsed.success)
    return { kind: 'refused', problems: parsed.error.issues.map((issue) => toProblem(stamped, issue)) };
  const { code, aliases } = parsed.data;
  function normalize(text: string): string {
    return own.ignoreCase ? text.toLowerCase() : text;
  }
  return checkDestinations({ ...parsed.data, code: normalize(code), aliases: aliases.map(normalize) }, own);
}

function toProblem(input: unknown, { path, message }: { path: PropertyKey[]; message: string }): LinkProblem {
  return problemOf(path.map(String).join('.') || 'link', 'link.field', toText(readPath(input, path)), message);
}

function problemOf(field: string, rule: string, value: string | null, allowed: string): LinkProblem {
  return { field, rule, value, allowed, message: describeFieldError({ field, value, allowed }) };
}

const longestValue = 200;

function toText(value: unknown): string | null {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === undefined ? null : text.slice(0, longestValue);
}

function readPath(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );
}

/** Returns the link with every destination in the form that is safe to emit, or the problems. */
function checkDestinations(link: LinkInput, own: OwnLinks): LinkCheck {
  const problems: LinkProblem[] = checkCodes(link);
  const accepted = new Map<string, string>();
  for (const [field, value] of listDestinations(link)) {
    const check = checkDestination(value, { field, own: { ...own, code: link.code } });
    if (check.kind === 'accepted') accepted.set(field, check.url);
    else problems.push(problemOf(field, `destination.${check.rule}`, toText(value), check.allowed));
  }
  if (problems.length > 0) return { kind: 'refused', problems };
  return {
    kind: 'accepted',
    link: {
      ...link,
      url: accepted.get('url') ?? link.url,
      expiredUrl: accepted.get('expiredUrl') ?? null,
      deviceUrls: pickAccepted(accepted, 'deviceUrls', link.deviceUrls),
      countryUrls: pickAccepted(accepted, 'countryUrls', link.countryUrls),
      variants: link.variants.map(({ url, weight }, index) => ({
        url: accepted.get(`variants.${index}.url`) ?? url,
        weight,
      })),
    },
  };
}

function pickAccepted(
  accepted: ReadonlyMap<string, string>,
  map: 'deviceUrls' | 'countryUrls',
  urls: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(Object.keys(urls).map((key) => [key, accepted.get(`${map}.${key}`) ?? '']));
}

function checkCodes({ code, aliases }: LinkInput): LinkProblem[] {
  const fields = aliases.map((alias, index) => [`aliases.${index}`, alias] as const);
  const broken = ([['code', code], ...fields] as const).flatMap(([field, value]) => {
    const check = checkCode(value);
    return check.kind === 'accepted' ? [] : [problemOf(field, `code.${check.rule}`, value, check.allowed)];
  });
  const repeated = fields.filter(([, alias], index) => alias === code || aliases.indexOf(alias) < index);
  return [
    ...broken,
    ...repeated.map(([field, alias]) =>
      problemOf(field, 'code.repeated', alias, 'a code that the link does not have already'),
    ),
  ];
}
