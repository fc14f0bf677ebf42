/** The three DynamoDB tables as `lib/` declares them and `stores/` uses them. */

/** Attributes of a table's primary key, both strings. */
export const tableKeys = { partition: 'pk', sort: 'sk' } as const;

/** The index of `catalog` that lists items of a kind in order: all attributes are projected. */
export const listingIndex = 'listing';
export const listingIndexKeys = { partition: 'gpk', sort: 'gsk' } as const;

/** Seconds since the epoch after which an item may be deleted: the TTL attribute of every table. */
export const expiryAttribute = 'expires';

/**
 * How partition keys of `catalog` begin. One that ends in `#` is followed by a name; any other is the whole key. IAM
 * policies allow a function some of these, so a key that is built from another prefix is refused in AWS.
 */
export const catalogPartitions = {
  link: 'link#',
  linkClicks: 'link-clicks#',
  page: 'page#',
  user: 'user#',
  agency: 'agency#',
  invitation: 'invitation',
  apiKey: 'key#',
  share: 'share#',
  campaign: 'campaign#',
  job: 'job#',
  alerts: 'alerts#',
  forecast: 'forecast#',
  mail: 'mail#',
  recipient: 'recipient#',
  run: 'run#',
  queryCosts: 'query-costs',
  saved: 'saved#',
  settle: 'settle',
  settleHour: 'settle-hour#',
  settleRun: 'settle-run#',
  tombstone: 'tombstone',
  reclassification: 'reclassification',
} as const;

/** How partition keys of the listing index begin. */
export const listingPartitions = {
  linksOfPage: 'page#',
  reservedCodes: 'reserved#',
  pages: 'pages',
  users: 'users',
  invited: 'invited',
  apiKeys: 'keys#',
  shares: 'shares#',
  campaigns: 'campaigns#',
  exports: 'exports#',
  imports: 'imports#',
  pulls: 'pulls#',
  pullTokens: 'pull-tokens',
  erasures: 'erasures',
  mailsDue: 'mails-due',
  refusals: 'refusals#',
  metrics: 'metrics',
} as const;

/** How partition keys of `cache` begin. It has no point-in-time copies, so what is deleted here is gone. */
export const cachePartitions = {
  salt: 'salt',
  importSalt: 'import-salt#',
  rate: 'rate#',
  recovered: 'recovered#',
  response: 'answer#',
  idempotency: 'idempotency#',
  watch: 'watch',
  recent: 'recent#',
} as const;

/** Returns the key attributes of a user's item. The command that creates the first admin writes one without `stores/`. */
export function userKeys(subject: string) {
  return {
    [tableKeys.partition]: `${catalogPartitions.user}${subject}`,
    [tableKeys.sort]: 'user',
    [listingIndexKeys.partition]: listingPartitions.users,
    [listingIndexKeys.sort]: subject,
  };
}

/** Returns the pattern that an IAM policy allows for a partition: `link#*`, or the whole key. */
export function leadingKeyPattern(partition: string): string {
  return partition.endsWith('#') ? `${partition}*` : partition;
}
