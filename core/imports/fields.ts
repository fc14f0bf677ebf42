/** What a column of an imported file can be, by field of a link. */
export const importFields = [
  'code',
  'aliases',
  'url',
  'page',
  'domain',
  'title',
  'tags',
  'campaign',
  'createdAt',
  'startsAt',
  'expiresAt',
  'expiredUrl',
  'clickLimit',
  'archived',
  'enabled',
  'disabled',
  'listed',
  'section',
  'icon',
  'position',
  'status',
  'passQuery',
  'deviceUrls.ios',
  'deviceUrls.android',
  'deviceUrls.mobile',
  'deviceUrls.desktop',
  'utm.utm_source',
  'utm.utm_medium',
  'utm.utm_campaign',
  'utm.utm_term',
  'utm.utm_content',
  'deviceUrls',
  'countryUrls',
  'utm',
  'variants',
  'card',
  'password',
] as const;
export type ImportField = (typeof importFields)[number];

/** Every link needs them. Aliases can take the place of the code. */
export const neededFields = ['code', 'url'] as const satisfies readonly ImportField[];

/** Fields that several columns can be. */
export const listFields: readonly ImportField[] = ['aliases'];

/** Names of columns by field, as {@link toPlainName} returns them. Each is its own field's name, too. */
const synonyms: Readonly<Partial<Record<ImportField, string>>> = {
  code: 'slug key shortlink shorturl bitlink backhalf shortcode keyword slashtag path alias address tinyurl shortaddress',
  aliases: 'custombitlink custombitlinks customlink customlinks custombackhalf custombackhalves',
  url: 'destination destinationurl longurl longlink originalurl originallink target targeturl redirecturl',
  page: 'pagepath',
  domain: 'domain.fullname domainname shortdomain',
  title: 'name linktitle',
  tags: 'tag tagnames labels',
  campaign: 'campaignid',
  createdAt: 'created createddate createdon creationdate datecreated dateadded timestamp',
  startsAt: 'startdate validsince validfrom',
  expiresAt: 'expires expiration expirationdate expirydate validuntil expirein',
  expiredUrl: 'expirationurl',
  clickLimit: 'maxclicks clickslimit maxvisits',
  archived: 'isarchived',
  enabled: 'active isactive',
  disabled: 'banned isdisabled',
  status: 'redirectstatus redirecttype',
  passQuery: 'forwardquery forwardparameters',
  'deviceUrls.ios': 'ios iosurl iphoneurl ioslink',
  'deviceUrls.android': 'android androidurl androidlink',
  'deviceUrls.mobile': 'mobile mobileurl',
  'deviceUrls.desktop': 'desktop desktopurl',
  'utm.utm_source': 'utmsource',
  'utm.utm_medium': 'utmmedium',
  'utm.utm_campaign': 'utmcampaign',
  'utm.utm_term': 'utmterm',
  'utm.utm_content': 'utmcontent',
  countryUrls: 'geo',
  password: 'haspassword passwordprotected protected',
};

const fieldsByName: ReadonlyMap<string, ImportField> = new Map(
  importFields.flatMap((field) =>
    [toPlainName(field), ...(synonyms[field]?.split(' ') ?? [])].map((name) => [name, field] as const),
  ),
);

/** Returns the field that columns with this name are, whatever tool wrote the file. */
export function findField(plainName: string): ImportField | undefined {
  return fieldsByName.get(plainName);
}

/** Returns a name in lower case, without spaces, dashes and underscores. */
export function toPlainName(column: string): string {
  return column.toLowerCase().replace(/[\s_-]+/g, '');
}
