import { isDeepStrictEqual } from 'node:util';
import { describeFieldError } from '#core/field-error.ts';
import type { OwnLinks } from '#core/links/destination.ts';
import { findLoop } from '#core/links/loop.ts';
import { checkLink, describeLoop } from '#core/links/new-link.ts';
import { linkLimits } from '#schemas/catalog-rules.ts';
import { domainOfNewLinks, type LinkDomain, listUsableDomains } from '#schemas/settings/link-domains.ts';
import type { Link, LinkInput, Page } from '#schemas/catalog.ts';
import type { ImportRow, RowProblem } from './read-links.ts';

/** What a stack holds under a code. */
export type FoundCode =
  | { kind: 'link' | 'alias'; link: Link }
  /** The code of a deleted link. */
  | { kind: 'reserved'; reservation: { page: string } };

interface RowContext extends OwnLinks {
  /** Milliseconds since the epoch. */
  now: number;
  /** Page of rows without one. */
  page?: string | undefined;
  findLink: (code: string) => Promise<Link | undefined>;
}

/** A page as far as its links depend on it. */
export type ImportPage = Pick<Page, 'agency' | 'domain'>;

export interface PlanContext<Found extends FoundCode> extends RowContext {
  /** Whether links that exist are overwritten. */
  replace: boolean;
  findCodes: (codes: readonly string[]) => Promise<Map<string, Found>>;
  /** Host name of the stack's own domain. */
  mainDomain: string;
  /** Its other domains. */
  domains: readonly LinkDomain[];
  /** Returns a function that says what rows can be written to a page, whatever they say. */
  openPages: (
    links: readonly LinkInput[],
    codes: ReadonlyMap<string, Found>,
  ) => Promise<(path: string) => { page?: ImportPage | undefined; refused?: string | undefined }>;
  /** Says that a code is taken. */
  describeTaken: (code: string, found: Found) => string;
}

export interface ImportPlan<Found extends FoundCode> {
  accepted: { line: number; link: LinkInput }[];
  refused: RowProblem[];
  /** Lines of rows whose link exists just so, or that are equal to an earlier row. */
  repeated: number[];
  /** What is stored under the codes and aliases of the accepted rows. */
  codes: ReadonlyMap<string, Found>;
}

/** Decides which rows of a file are written. Every row is accepted, refused or repeated. */
export async function planImport<Found extends FoundCode>(
  rows: readonly ImportRow[],
  context: PlanContext<Found>,
): Promise<ImportPlan<Found>> {
  const checked = checkRows(rows, context);
  const { links, refused } = await refuseLoops(checked, context);
  const codes = await context.findCodes(links.flatMap(({ link }) => [link.code, ...link.aliases]));
  const openPage = await context.openPages(
    links.map(({ link }) => link),
    codes,
  );
  const plan: ImportPlan<Found> = { accepted: [], refused, repeated: checked.repeated, codes };
  for (const { line, link: checkedLink, domain: said, isDated } of links) {
    const stored = codes.get(checkedLink.code);
    const before = stored?.kind === 'link' ? stored.link : undefined;
    const page = openPage(checkedLink.page);
    const isHidden = before !== undefined && openPage(before.page).refused !== undefined;
    const domain = chooseDomain(said, {
      before,
      page: page.page,
      domains: context.domains,
      mainDomain: context.mainDomain,
    });
    const link = { ...checkedLink, domain: domain.name };
    const merged = before ? keepHistory(link, before, isDated) : link;
    const taken = findTaken(merged, codes, context.replace && !isHidden);
    if (page.refused !== undefined) plan.refused.push({ line, field: 'page', message: page.refused });
    else if (domain.refused !== undefined) plan.refused.push({ line, field: 'domain', message: domain.refused });
    else if (before && isEqual(merged, before)) plan.repeated.push(line);
    else if (taken)
      plan.refused.push({ line, field: taken.field, message: context.describeTaken(taken.code, taken.found) });
    else if (merged.aliases.length > Math.max(linkLimits.aliases, before?.aliases.length ?? 0))
      plan.refused.push({ line, field: 'aliases', message: describeAliases(merged.aliases.length) });
    else plan.accepted.push({ line, link: merged });
  }
  plan.refused.sort((a, b) => a.line - b.line);
  return plan;
}

interface DomainContext extends Pick<PlanContext<FoundCode>, 'mainDomain' | 'domains'> {
  before: Link | undefined;
  page: ImportPage | undefined;
}

/**
 * Returns the domain of a row: the one that it says, if it is one of the stack. Files of other tools name theirs; then a link
 * keeps its domain, and a new one gets that of its page.
 */
function chooseDomain(
  said: string | null | undefined,
  { before, page, mainDomain, domains }: DomainContext,
): { name: string | null; refused?: string } {
  const usable = listUsableDomains(page ?? { agency: null }, domains);
  if (said === null || said === mainDomain) return { name: null };
  if (said !== undefined && usable.includes(said)) return { name: said };
  if (said !== undefined && domains.some(({ name }) => name === said)) {
    const error = { field: 'domain', value: said, allowed: `one of ${[mainDomain, ...usable].join(', ')}` };
    return { name: null, refused: describeFieldError(error) };
  }
  if (before !== undefined) return { name: before.domain };
  return { name: domainOfNewLinks(page, domains) };
}

function describeAliases(count: number): string {
  return `With those that it has, the link would have ${count} aliases; at most ${linkLimits.aliases} are allowed.`;
}

interface CheckedRow {
  line: number;
  link: LinkInput;
  /** Undefined if the row names none. */
  domain: string | null | undefined;
  /** Whether the file says when the link was created. */
  isDated: boolean;
}

interface Checked {
  links: CheckedRow[];
  refused: RowProblem[];
  repeated: number[];
}

function checkRows(rows: readonly ImportRow[], { page, now, ownHosts, ignoreCase }: RowContext): Checked {
  const checked: Checked = { links: [], refused: [], repeated: [] };
  const seen = new Map<string, CheckedRow>();
  for (const { line, link: fields } of rows) {
    const check = checkLink({ ...(page !== undefined && { page }), ...fields }, { now, ownHosts, ignoreCase });
    if (check.kind === 'refused') {
      checked.refused.push(
        ...check.problems.map(({ field, message }) => ({ line, field: field.split('.')[0] ?? field, message })),
      );
      continue;
    }
    const domain = fields['domain'] === undefined ? undefined : check.link.domain;
    const row = { line, link: { ...check.link, domain: null }, domain, isDated: fields['createdAt'] !== undefined };
    const problem = findProblem(row, now, seen);
    if (problem === 'repeated') checked.repeated.push(line);
    else if (problem !== undefined) checked.refused.push({ line, ...problem });
    else {
      checked.links.push(row);
      for (const code of codesOf(row.link)) seen.set(code, row);
    }
  }
  return checked;
}

function findProblem(
  { link, isDated }: CheckedRow,
  now: number,
  seen: ReadonlyMap<string, CheckedRow>,
): 'repeated' | Omit<RowProblem, 'line'> | undefined {
  if (isDated && Date.parse(link.createdAt) > now) {
    const error = { field: 'createdAt', value: link.createdAt, allowed: 'a time in the past' };
    return { field: 'createdAt', message: describeFieldError(error) };
  }
  const code = codesOf(link).find((each) => seen.has(each));
  const earlier = code === undefined ? undefined : seen.get(code);
  if (earlier === undefined) return undefined;
  return isEqual(link, earlier.link)
    ? 'repeated'
    : { field: 'code', message: `The code \`${code}\` is already on line ${earlier.line}.` };
}

function codesOf({ code, aliases }: LinkInput): string[] {
  return [code, ...aliases];
}

/** Refuses the rows that lead back to themselves, through other rows or existing links. */
async function refuseLoops(
  { links, refused }: Checked,
  { ownHosts, ignoreCase, findLink }: RowContext,
): Promise<Pick<Checked, 'links' | 'refused'>> {
  const rows = new Map(links.flatMap(({ link }) => codesOf(link).map((code) => [code, link] as const)));
  const context = {
    ownHosts,
    ignoreCase,
    findLink: async (code: string) => rows.get(code) ?? findLink(code),
  };
  const found: Pick<Checked, 'links' | 'refused'> = { links: [], refused: [...refused] };
  for (const row of links) {
    const loop = await findLoop(row.link, context);
    if (loop === undefined) found.links.push(row);
    else found.refused.push({ line: row.line, field: 'url', message: describeLoop(loop).message });
  }
  return found;
}

/** A link keeps its aliases, which may be in print, and its age, unless the file says when it was created. */
function keepHistory(link: LinkInput, before: Link, isDated: boolean): LinkInput {
  return {
    ...link,
    aliases: [...new Set([...before.aliases, ...link.aliases])],
    createdAt: isDated ? link.createdAt : before.createdAt,
  };
}

/** A file holds no passwords, so a protected link is equal to one that is not. */
function isEqual(link: LinkInput, other: LinkInput): boolean {
  return isDeepStrictEqual(toComparable(link), toComparable(other));
}

function toComparable(link: LinkInput) {
  const { passwordHash: _password, updatedAt: _updated, ...fields } = link;
  return { ...fields, id: null, aliases: link.aliases.toSorted(), createdAt: Date.parse(link.createdAt) };
}

/** Returns a code of the link that belongs to another one, or to a link that may not be overwritten. */
function findTaken<Found extends FoundCode>(link: LinkInput, codes: ReadonlyMap<string, Found>, replace: boolean) {
  for (const code of codesOf(link)) {
    const found = codes.get(code);
    if (found === undefined || isOwn(link, code, found, replace)) continue;
    return { code, found, field: code === link.code ? ('code' as const) : ('aliases' as const) };
  }
  return undefined;
}

function isOwn(link: LinkInput, code: string, found: FoundCode, replace: boolean): boolean {
  switch (found.kind) {
    case 'link':
      return replace && code === link.code;
    case 'alias':
      return code !== link.code && found.link.code === link.code;
    case 'reserved':
      return found.reservation.page === link.page;
    default:
      return found satisfies never;
  }
}
