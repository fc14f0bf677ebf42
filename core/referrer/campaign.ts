import { type ClickId, clickIdNames, clickIds, type UtmColumn, utmColumns } from '#schemas/campaign-parameters.ts';
import { eventFields } from '#schemas/event.ts';
import { cut } from '#core/cut.ts';

/** Campaign parameters of a request's query string. */
export interface Campaign {
  utm: Readonly<Record<UtmColumn, string | null>>;
  /** Whose click id the link had, and what that says about the visit. */
  click: (typeof clickIds)[ClickId] | null;
}

/** @param query without the question mark; of a repeated parameter, the first value counts */
export function campaignOf(query: string): Campaign {
  if (query === '' || !interesting.test(query)) return none;
  const parameters = new URLSearchParams(query.slice(0, queryLimit));
  const clickId = clickIdNames.find((id) => parameters.has(id));
  return {
    utm: utmOf((name) => cut(parameters.get(name)?.trim() || null, eventFields[name].limit)),
    click: clickId ? clickIds[clickId] : null,
  };
}

const none: Campaign = { utm: utmOf(() => null), click: null };

const interesting = new RegExp(`(?:^|&)(?:utm_|(?:${clickIdNames.join('|')})=)`);

/** Longer query strings are cut. */
const queryLimit = 8192;

function utmOf(value: (name: UtmColumn) => string | null): Campaign['utm'] {
  return Object.fromEntries(utmColumns.map((name) => [name, value(name)])) as Record<UtmColumn, string | null>;
}
