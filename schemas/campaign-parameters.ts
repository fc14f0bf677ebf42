/** Query parameters that enrich reads. Redirect imports them, whose bundle must not contain zod. */

/** UTM parameters: each has a column of its name. */
export const utmColumns = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'utm_id'] as const;
export type UtmColumn = (typeof utmColumns)[number];

/** Click ids, those of paid clicks first. */
export const clickIds = [
  'gclid',
  'gbraid',
  'wbraid',
  'dclid',
  'msclkid',
  'ttclid',
  'twclid',
  'li_fat_id',
  'ScCid',
  'rdt_cid',
  'epik',
  'yclid',
  'fbclid',
  'igshid',
  'igsh',
] as const;
