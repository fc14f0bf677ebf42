/** What a request's query string says of where it came from. */
export interface Campaign {
  source: string | null;
  medium: string | null;
  name: string | null;
  term: string | null;
  content: string | null;
  /** First click id that an ad or a network added: `gclid`. */
  clickId: string | null;
}

const none: Campaign = { source: null, medium: null, name: null, term: null, content: null, clickId: null };

/** Click ids, those of paid clicks first. */
const clickIds = `
  gclid, gbraid, wbraid, dclid, msclkid, ttclid, twclid, li_fat_id, ScCid, rdt_cid, epik, yclid, fbclid, igshid,
  igsh
`
  .trim()
  .split(/,\s+/);
const interesting = new RegExp(`(?:^|&)(?:utm_|(?:${clickIds.join('|')})=)`);
/** Longest query string looked at. */
const queryLimit = 8192;

/** @param query without its question mark; a parameter given twice counts once, the first time */
export function campaignOf(query: string): Campaign {
  if (query === '' || !interesting.test(query)) return none;
  const parameters = new URLSearchParams(query.slice(0, queryLimit));
  function text(name: string): string | null {
    return parameters.get(name)?.trim() || null;
  }
  return {
    source: text('utm_source'),
    medium: text('utm_medium'),
    name: text('utm_campaign'),
    term: text('utm_term'),
    content: text('utm_content'),
    clickId: clickIds.find((id) => parameters.has(id)) ?? null,
  };
}
