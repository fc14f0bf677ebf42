import type { ReferrerClass } from '#schemas/event.ts';
import type { Campaign } from './campaign.ts';
import { type Source, sourceOfName } from './referrer-hosts.ts';

export interface TaggedSource {
  class: Extract<ReferrerClass, 'paid' | 'social' | 'search' | 'ai' | 'email' | 'other'>;
  /** Name of the source that `utm_source` names, if it is well known. */
  name: string | null;
}

/**
 * Classifies a visit by its UTM parameters, by the rules and in the order of Google Analytics' default channel group.
 * NULL if they say nothing. docs/sources.md compares each rule.
 *
 * @see https://support.google.com/analytics/answer/9756891
 */
export function classifyTags({ utm }: Campaign): TaggedSource | null {
  const source = readTag(utm.utm_source);
  const medium = readTag(utm.utm_medium);
  if (source === '' && medium === '') return null;
  const known = source === '' ? undefined : sourceOfName(source);
  return { class: classOf(source, medium, readTag(utm.utm_campaign), known?.class), name: known?.name ?? null };
}

function classOf(
  source: string,
  medium: string,
  campaign: string,
  known: Source['class'] | undefined,
): TaggedSource['class'] {
  if (campaign.includes('cross-network') || paid.test(medium) || display.test(medium) || known === 'paid')
    return 'paid';
  if (known === 'social' || social.test(medium) || video.test(medium)) return 'social';
  if (known === 'search' || search.test(medium)) return 'search';
  if (known === 'ai' || ai.test(medium)) return 'ai';
  if (known === 'email' || email.test(source) || email.test(medium)) return 'email';
  return 'other';
}

/** Paid Shopping, Paid Search, Paid Social, Paid Video and Paid Other: the same media, for different sources. */
const paid = /^(?:.*cp.*|ppc|retargeting|paid.*|remarketing|ads?|sponsored)$/;
const display = /^(?:display|banner|expandable|interstitial|cpm)$/;
const social = /^(?:(?:organic[ +_-]?)?social(?:[ +_-](?:network|media))?|sm)$/;
const video = /video/;
const search = /^(?:organic|search|organic[ +_-]?search)$/;
const ai = /^(?:ai|llm|chatbot|ai[ +_-]assistant)$/;
const email = /^(?:e[ +_-]?mail|newsletter)$/;

/** Returns a parameter's value as the rules compare it: in lower case, and unescaped if it was escaped twice. */
function readTag(value: string | null): string {
  if (value === null) return '';
  const text = value.toLowerCase();
  return (escaped.test(text) ? unescape(text) : text).trim();
}

const escaped = /%[\da-f]{2}/;

function unescape(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
