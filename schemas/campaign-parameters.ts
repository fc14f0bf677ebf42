/** Query parameters that enrich reads. Redirect imports them, whose bundle must not contain zod. */

/** UTM parameters: each has a column of its name. */
export const utmColumns = ['utm_source', 'utm_medium', 'utm_campaign', 'utm_term', 'utm_content', 'utm_id'] as const;
export type UtmColumn = (typeof utmColumns)[number];

/**
 * Click ids: the network that adds each, and the class of a visit that has nothing else to tell where it came from. Of
 * several, the first here counts. Their values identify people, so the edge keeps their names only.
 */
export const clickIds = {
  gclid: { network: 'Google', class: 'paid' },
  gbraid: { network: 'Google', class: 'paid' },
  wbraid: { network: 'Google', class: 'paid' },
  dclid: { network: 'Google', class: 'paid' },
  gad_source: { network: 'Google', class: 'paid' },
  msclkid: { network: 'Bing', class: 'paid' },
  ttclid: { network: 'TikTok', class: 'paid' },
  twclid: { network: 'X', class: 'paid' },
  li_fat_id: { network: 'LinkedIn', class: 'paid' },
  ScCid: { network: 'Snapchat', class: 'paid' },
  rdt_cid: { network: 'Reddit', class: 'paid' },
  epik: { network: 'Pinterest', class: 'paid' },
  yclid: { network: 'Yandex', class: 'paid' },
  tblci: { network: 'Taboola', class: 'paid' },
  dicbo: { network: 'Outbrain', class: 'paid' },
  vmcid: { network: 'Yahoo', class: 'paid' },
  qclid: { network: 'Quora', class: 'paid' },
  fbclid: { network: 'Facebook', class: 'social' },
  mibextid: { network: 'Facebook', class: 'social' },
  igshid: { network: 'Instagram', class: 'social' },
  igsh: { network: 'Instagram', class: 'social' },
  ysclid: { network: 'Yandex', class: 'search' },
  srsltid: { network: 'Google', class: 'search' },
  mc_eid: { network: 'Mailchimp', class: 'email' },
  _hsenc: { network: 'HubSpot', class: 'email' },
  mkt_tok: { network: 'Marketo', class: 'email' },
} as const satisfies Record<string, { network: string; class: 'paid' | 'social' | 'search' | 'email' }>;
export type ClickId = keyof typeof clickIds;
export const clickIdNames = Object.keys(clickIds) as ClickId[];
