import { type Link, linkSchema } from '#schemas/catalog.ts';
import { checkDestination, listDestinations } from './destination.ts';
import { checkCode } from './link-code.ts';

/** One thing that is wrong with a link. */
export interface LinkProblem {
  field: string;
  rule: string;
  /** What was given, as far as it can be shown; null where it was missing. */
  value: string | null;
  /** What would be accepted. */
  allowed: string;
  /** Field, value, rule and allowed in one sentence. */
  message: string;
}

export type LinkCheck = { kind: 'accepted'; link: Link } | { kind: 'refused'; problems: LinkProblem[] };

export interface LinkContext {
  /** Milliseconds since the epoch: `createdAt` and `updatedAt` where the input has none. */
  now: number;
  /** Host that visitors use (`go.example`), to refuse a link to itself. */
  ownHost?: string;
}

/**
 * Evaluates a link that somebody wants to create or to change: its shape, its code, and every destination in it. All
 * problems are reported at once.
 * @param input of unknown shape, as it came over the wire or from a file
 */
export function checkLink(input: unknown, { now, ownHost }: LinkContext): LinkCheck {
  const at = new Date(now).toISOString();
  const stamped = typeof input === 'object' && input !== null ? { createdAt: at, updatedAt: at, ...input } : input;
  const parsed = linkSchema.safeParse(stamped);
  if (!parsed.success) return { kind: 'refused', problems: schemaProblems(stamped, parsed.error.issues) };
  return checkDestinations(parsed.data, ownHost);
}

function schemaProblems(input: unknown, issues: readonly { path: PropertyKey[]; message: string }[]): LinkProblem[] {
  return issues.map(({ path, message }) => {
    const field = path.map(String).join('.');
    return {
      field,
      rule: 'link.field',
      value: textOf(valueAt(input, path)),
      allowed: message,
      message: `${field || 'link'} ${shown(valueAt(input, path))} is refused by rule link.field: ${message}`,
    };
  });
}

function textOf(value: unknown): string | null {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === undefined ? null : text.slice(0, 200);
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

/** The link with every destination in the form that may be emitted, or what is wrong with them. */
function checkDestinations(link: Link, ownHost: string | undefined): LinkCheck {
  const problems: LinkProblem[] = [...codeProblems(link), ...countryProblems(link)];
  const accepted = new Map<string, string>();
  for (const [field, value] of listDestinations(link)) {
    const check = checkDestination(value, { field, code: link.code, ...(ownHost !== undefined && { ownHost }) });
    if (check.kind === 'accepted') accepted.set(field, check.url);
    else {
      const { rule, allowed, message } = check;
      problems.push({ field, rule: `destination.${rule}`, value: textOf(value), allowed, message });
    }
  }
  if (problems.length > 0) return { kind: 'refused', problems };
  function renamed(map: string, urls: Readonly<Record<string, string | undefined>>) {
    return Object.fromEntries(Object.keys(urls).flatMap((key) => [[key, accepted.get(`${map}.${key}`) ?? '']]));
  }
  return {
    kind: 'accepted',
    link: {
      ...link,
      url: accepted.get('url') ?? link.url,
      expiredUrl: accepted.get('expiredUrl') ?? null,
      deviceUrls: renamed('deviceUrls', link.deviceUrls),
      countryUrls: renamed('countryUrls', link.countryUrls),
    },
  };
}

function codeProblems({ code }: Link): LinkProblem[] {
  const check = checkCode(code);
  if (check.kind === 'accepted') return [];
  const { rule, allowed, message } = check;
  return [{ field: 'code', rule: `code.${rule}`, value: textOf(code), allowed, message }];
}

const countryPattern = /^[A-Z]{2}$/;

const countryDemand = 'it must be two capital letters (ISO 3166-1)';

function countryProblems({ countryUrls }: Link): LinkProblem[] {
  return Object.keys(countryUrls)
    .filter((country) => !countryPattern.test(country))
    .map((country) => ({
      field: `countryUrls.${country}`,
      rule: 'link.country',
      value: textOf(country),
      allowed: countryDemand,
      message: `countryUrls ${shown(country)} is refused by rule link.country: ${countryDemand}`,
    }));
}
