/** URLs of the views. Each ends in a word without a dot, because the edge treats a path with a dot as a file. */

export const pageTabs = [
  'overview',
  'links',
  'ledger',
  'live',
  'campaigns',
  'insights',
  'metrics',
  'editor',
  'connect',
  'settings',
] as const;
export type PageTab = (typeof pageTabs)[number];
export const linkTabs = ['overview', 'share', 'edit', 'ledger'] as const;
export type LinkTab = (typeof linkTabs)[number];

/** Sections of a page's settings, the value of `section` in the query string. */
export const settingsSections = ['general', 'tracking', 'alerts', 'mails', 'sharing', 'data'] as const;
export type SettingsSection = (typeof settingsSections)[number];

export const settingsNames: Readonly<Record<SettingsSection, string>> = {
  general: 'General',
  tracking: 'Tracking',
  alerts: 'Alerts',
  mails: 'Mails',
  sharing: 'Sharing',
  data: 'Data',
};

export type Route =
  | { view: 'home' }
  | { view: 'pages' }
  | { view: 'page'; page: string; tab: PageTab }
  | { view: 'link'; code: string; tab: LinkTab }
  | { view: 'campaign'; id: string }
  | { view: 'agencies' }
  | { view: 'agency'; agency: string }
  | { view: 'import' }
  | { view: 'users' }
  | { view: 'keys' }
  | { view: 'unknown' };

/** Views with one word as their URL. */
export const singleViews = ['pages', 'agencies', 'import', 'users', 'keys'] as const;

/** The fragment of the alerts panel in a page's overview. */
export const alertsAnchor = 'alerts';

/** @param path below `/app` */
export function parseRoute(path: string): Route {
  const [first, second, third, ...more] = path.split('/').filter(Boolean).map(decode);
  if (first === undefined) return { view: 'home' };
  if (more.length > 0) return { view: 'unknown' };
  const single = second === undefined ? oneOf(singleViews, first) : undefined;
  if (single !== undefined) return { view: single };
  if (second === undefined) return { view: 'unknown' };
  const pageTab = oneOf(pageTabs, third);
  if (first === 'pages' && pageTab) return { view: 'page', page: second, tab: pageTab };
  const linkTab = oneOf(linkTabs, third);
  if (first === 'links' && linkTab) return { view: 'link', code: second, tab: linkTab };
  // It has one tab.
  if (first === 'campaigns' && (third === undefined || third === 'overview')) return { view: 'campaign', id: second };
  if (first === 'agencies' && third === 'overview') return { view: 'agency', agency: second };
  return { view: 'unknown' };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function oneOf<T extends string>(values: readonly T[], text: string | undefined): T | undefined {
  return values.find((value) => value === text);
}

export function alertsPath(page: string): string {
  return `${pagePath(page)}#${alertsAnchor}`;
}

/** @param page its path without the slash */
export function pagePath(page: string, tab: PageTab = 'overview'): string {
  return `/pages/${encodeURIComponent(page)}/${tab}`;
}

export function settingsPath(page: string, section: SettingsSection): string {
  return `${pagePath(page, 'settings')}?section=${section}`;
}

/** @param page its path with the slash: chosen in the view */
export function importPath(page: string): string {
  return `/import?page=${encodeURIComponent(page)}`;
}

export function linkPath(code: string, tab: LinkTab = 'overview'): string {
  return `/links/${encodeURIComponent(code)}/${tab}`;
}

export function campaignPath(id: string): string {
  return `/campaigns/${encodeURIComponent(id)}/overview`;
}

export function publicCampaignPath(id: string): string {
  return `/public/campaigns/${encodeURIComponent(id)}`;
}

/** Returns the campaign whose public page a path below `/app` is. */
export function parsePublicCampaign(path: string): string | undefined {
  return /^\/public\/campaigns\/([A-Za-z0-9]+)$/.exec(path)?.[1];
}

export function agencyPath(agency: string): string {
  return `/agencies/${encodeURIComponent(agency)}/overview`;
}
