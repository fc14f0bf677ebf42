import { clickIds, type UtmColumn, utmColumns } from '#schemas/campaign-parameters.ts';
import { eventFields } from '#schemas/event.ts';
import { cut } from '#core/cut.ts';

/** Campaign parameters of a request's query string. */
export interface Campaign {
  utm: Readonly<Record<UtmColumn, string | null>>;
  /** First click id that an ad or network added: `gclid`. */
  clickId: string | null;
}

/** @param query without the question mark; of a repeated parameter, the first value counts */
export function campaignOf(query: string): Campaign {
  if (query === '' || !interesting.test(query)) return none;
  const parameters = new URLSearchParams(query.slice(0, queryLimit));
  return {
    utm: utmOf((name) => cut(parameters.get(name)?.trim() || null, eventFields[name].limit)),
    clickId: clickIds.find((id) => parameters.has(id)) ?? null,
  };
}

const none: Campaign = { utm: utmOf(() => null), clickId: null };

const interesting = new RegExp(`(?:^|&)(?:utm_|(?:${clickIds.join('|')})=)`);

/** Longer query strings are cut. */
const queryLimit = 8192;

function utmOf(value: (name: UtmColumn) => string | null): Campaign['utm'] {
  return Object.fromEntries(utmColumns.map((name) => [name, value(name)])) as Record<UtmColumn, string | null>;
}
