import { clickIdNames, utmColumns } from '#schemas/campaign-parameters.ts';

/**
 * Returns the parameters of a query that enrich reads: UTM parameters, and the names of click ids. Everything else, the
 * values of click ids included, may identify the visitor. Names may be in any case, and follow an `&` that was written
 * as `&amp;`.
 * @param query without the question mark; of a repeated parameter, the first value counts
 */
export function keepCampaign(query: string): string {
  if (query === '' || !campaignPattern.test(query)) return '';
  const kept = new URLSearchParams();
  for (const [parameter, value] of new URLSearchParams(query.slice(0, queryLimit))) {
    const name = campaignNames.get(parameter.toLowerCase().replace(/^amp;/, ''));
    if (name === undefined || kept.has(name)) continue;
    kept.set(name, utmNames.has(name) ? redactEmails(value) : '');
  }
  return kept.toString();
}

/** Longer query strings are cut, in UTF-16 code units. */
const queryLimit = 8192;

const utmNames: ReadonlySet<string> = new Set(utmColumns);
/** By the name in lower case. */
const campaignNames: ReadonlyMap<string, string> = new Map(
  [...utmColumns, ...clickIdNames].map((name) => [name.toLowerCase(), name]),
);
const campaignPattern = new RegExp(`(?:^|&)(?:amp;)?(?:utm_|(?:${clickIdNames.join('|')})(?:=|&|$))`, 'i');

/** Returns a referrer without its query, fragment and e-mail addresses. Its host and path suffice to classify it. */
export function keepReferrer(referrer: string): string {
  return redactEmails(referrer.replace(/[?#].*$/s, ''));
}

/**
 * Replaces e-mail addresses in a text by `[email]`, percent-encoded ones too. The time is linear in the length of the
 * text, with some steps for each character: strangers send a megabyte.
 *
 * @example redactEmails('/invite/ada%40example.com') // '/invite/[email]'
 */
export function redactEmails(text: string): string {
  if (!mayHoldAt(text) || !atSign.test(text)) return text;
  let redacted = '';
  let end = 0;
  for (const { 0: domain, 1: local = '', index } of text.matchAll(emailPattern)) {
    const start = Math.max(end, index - local.length);
    if (start === index) continue;
    redacted += `${text.slice(end, start)}[email]`;
    end = index + domain.length;
  }
  return redacted + text.slice(end);
}

/**
 * Replaces the values of fields that hold ids and traits of people, in a text that is meant to be JSON.
 *
 * @example hideIds('{"userId":"ada-7","traits":{"phone":"1"}') // '{"userId":"[id]","traits":"[traits]"'
 */
export function hideIds(text: string): string {
  return text.replace(traitsPattern, '$1"[traits]"').replace(idPattern, '$1"[id]"');
}

/** Objects with at most one level of objects within. */
const traitsPattern =
  /("(?:traits|\$set(?:_once)?|(?:user|person|group)_properties)"\s*:\s*)\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}?/g;

const idPattern =
  /("\$?(?:user|anonymous|anon_distinct|distinct|consented|previous|profile|device)_?id"\s*:\s*|"(?:alias|d?uid)"\s*:\s*)(?:"(?:[^"\\]|\\.)*"?|[^\s",}\]]+)/gi;

/** Most texts hold none of the characters with which `at` begins, and a search for one is much faster than a pattern. */
function mayHoldAt(text: string): boolean {
  return text.includes('@') || text.includes('%') || text.includes('＠') || text.includes('﹫');
}

/** `@`, also full-width, as East Asian keyboards type it. */
const at = '(?:[@＠﹫]|%(?:25){0,3}40|%(?:25){0,3}EF%(?:25){0,3}(?:BC%(?:25){0,3}A0|B9%(?:25){0,3}AB))';
const dot = '(?:\\.|%(?:25){0,3}2e)';
/** A letter as browsers write it in a path: `m%C3%BCnchen`. */
const encoded = '%(?:25){0,3}[89a-f][\\da-f]';
const atSign = new RegExp(at, 'i');
const local = `(?:%[\\da-f]{2}|[\\p{L}\\p{N}\\p{M}._+~!$*'^-]){1,64}`;
/**
 * Begins at the `at`, and looks back from there: to try every character as the first of an address would take 64 steps each.
 * The last label has letters only: `react@18.2.0` is a version.
 */
const emailPattern = new RegExp(
  `${at}(?<=(${local})${at})(?:(?:[\\p{L}\\p{N}\\p{M}-]|${encoded}){1,189}${dot}){1,8}(?:xn--[a-z\\d-]{1,59}|(?:\\p{L}|${encoded}){2,189})`,
  'giu',
);
