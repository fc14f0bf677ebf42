import { z } from 'zod';
import { linkDomainLimits } from '#schemas/settings/link-domains.ts';
import { pagePathPattern } from '#schemas/catalog-rules.ts';
import { freshness } from '#schemas/counters.ts';
import { edgeConcurrency, smallestAccountConcurrency } from './concurrency.ts';

/** Thrown for invalid settings. The message lists each with its value and what is allowed. */
export class InvalidConfiguration extends Error {
  override readonly name = 'InvalidConfiguration';
}

// `cdk -c hotDays=30` passes text, cdk.json a number: both are accepted, with the same error message.
const flag = z.union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })], 'must be true or false');

const mail = z.email('must be an e-mail address');
const publicCertificate = /^arn:aws(-[a-z]+)*:acm:us-east-1:\d{12}:certificate\/[\w-]+$/;

const globalWebAcl = /^arn:aws(-[a-z]+)*:wafv2:us-east-1:\d{12}:global\/webacl\/[\w-]+\/[\da-f-]{36}$/;

const hostName = matching(
  /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/,
  'must be a host name in lower case, such as go.example.com',
);
const zoneId = matching(/^Z[0-9A-Z]{5,31}$/, 'must be the id of a Route 53 hosted zone, such as Z0123456789ABCDEFGHIJ');

const linkDomainSchema = z.strictObject(
  {
    name: hostName,
    hostedZoneId: zoneId.optional(),
    agency: z
      .string('must be text')
      .min(1, 'must not be empty')
      .max(128, 'must have at most 128 characters')
      .optional(),
    page: matching(pagePathPattern, 'must be the path of a page, such as /ada').optional(),
    serves: oneOf(['own', 'all']).default('own'),
  },
  'must be an object with name, and optionally hostedZoneId, agency, page and serves',
);

// `cdk -c` passes text, cdk.json a list.
const linkDomainList = z
  .preprocess(
    readJson,
    z
      .array(linkDomainSchema, 'must be a list of objects')
      .max(linkDomainLimits.domains, `must have at most ${linkDomainLimits.domains} domains`)
      .refine(
        (domains) => new Set(domains.map(({ name }) => name)).size === domains.length,
        'must not name a domain twice',
      )
      .refine(
        (domains) => JSON.stringify(domains).length <= linkDomainLimits.text,
        `must have at most ${linkDomainLimits.text} characters as JSON`,
      ),
  )
  .default([]);

const keyArnPattern = /^arn:aws(-[a-z]+)*:kms:([a-z]{2}(-[a-z]+)+-\d):\d{12}:key\/[\w-]+$/;

const fields = {
  /** Name of the stack and namespace of its metrics; must be unique in its account and region. */
  stackName: matching(/^[A-Za-z][A-Za-z0-9-]{0,62}$/, 'must be letters, digits and hyphens, a letter first').default(
    'Hopcount',
  ),
  /** Set it if stacks of the same name run in several regions. @default - the region of your AWS profile */
  region: matching(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as eu-central-1').optional(),

  /**
   * Your own domain for links and the dashboard, also an apex such as `example.com`; requires `certificateArn`.
   * @default - the distribution's domain
   */
  domainName: hostName.optional(),
  certificateArn: matching(
    publicCertificate,
    'must be the ARN of an ACM certificate in us-east-1, the only region that CloudFront reads',
  ).optional(),
  /** Route 53 zone of `domainName`, in which the stack creates its records. @default - you create the record yourself */
  hostedZoneId: zoneId.optional(),
  /**
   * More domains for links and link pages, which the certificate covers, too: `{ "name": "go.example.org" }`. Optional are
   * `hostedZoneId`; `agency`, whose pages alone may use the domain; `page`, whose link page the bare domain shows; and
   * `serves`: `own` (default) for what names the domain, `all` also for what names none, such as a former address.
   */
  linkDomains: linkDomainList,
  /**
   * Adds the stack `<stackName>-<region>-Certificate` in us-east-1: a certificate for `domainName` and `linkDomains`,
   * validated and renewed through their hosted zones. Deploy it, and set `certificateArn` to its output.
   */
  managedCertificate: flag.default(false),
  /** Web ACL of the distribution: it costs $0.60 per million requests, and more per rule. @default - none */
  webAclArn: matching(
    globalWebAcl,
    'must be the ARN of a WAFv2 web ACL for CloudFront: arn:aws:wafv2:us-east-1:<account>:global/webacl/<name>/<id>',
  ).optional(),
  /**
   * Adds the stack `<stackName>-<region>-WebAcl` in us-east-1 (without the region if that setting is empty): a web ACL with
   * rate limits and AWS's IP reputation list. Deploy it, and set `webAclArn` to its output.
   */
  managedWebAcl: flag.default(false),
  /**
   * How redirect knows that a request came through CloudFront. `signed`: CloudFront signs it (origin access control), and
   * Lambda refuses others. `secret`: it carries a header that redirect verifies, in case signatures of unusual paths fail.
   */
  redirectAccess: oneOf(['signed', 'secret']).default('signed'),
  priceClass: oneOf(['PriceClass_100', 'PriceClass_200', 'PriceClass_All']).default('PriceClass_All'),
  /**
   * Whether short links are found in any capitals: `/Spring` opens `spring`. New codes are then stored in lower case. Links
   * with capitals from before are only found as written.
   */
  ignoreCase: flag.default(false),
  /** Where the bare domain leads to: an https URL, such as your website; `none` for a 404. @default - the dashboard */
  homeUrl: z
    .union(
      [z.enum(['/app/', 'none']), z.url({ protocol: /^https$/ }).max(500)],
      'must be an https URL of at most 500 characters, `none` or `/app/`',
    )
    .default('/app/'),
  /** Writes CloudFront access logs. They contain visitors' addresses, and are kept for 30 days. */
  accessLogs: flag.default(false),

  /** Your OIDC issuer, instead of the stack's Cognito user pool; requires `oidcAudience`. */
  oidcIssuer: z.url({ protocol: /^https$/, error: 'must be an https URL' }).optional(),
  oidcAudience: z.string('must be text').min(1, 'must not be empty').optional(),
  /**
   * `token_endpoint` of your issuer's discovery document, if it is on another host than `oidcIssuer`: the dashboard's content
   * security policy allows it no other. @default - the host of the issuer
   */
  oidcTokenEndpoint: z.url({ protocol: /^https$/, error: 'must be an https URL' }).optional(),

  /** `layer`: DB-IP City Lite in a Lambda layer. `none`: only the country, from CloudFront. Otherwise your MMDB file on S3. */
  geography: matching(/^(layer|none|s3:\/\/[a-z0-9.-]+\/\S+)$/, 'must be layer, none or s3://bucket/key').default(
    'layer',
  ),

  /** Days that hourly counters live after their last write. */
  hotDays: whole(1, 3650).default(90),
  /** Days that raw files of settled hours live. */
  rawDays: whole(4, 3650).default(35),
  /** First date of the lake's projected partitions; earlier dates cannot be queried. */
  lakeFrom: matching(/^\d{4}-\d{2}-\d{2}$/, 'must be a date such as 2026-01-01').default('2015-01-01'),
  /** Days that settled events live; 0 keeps them forever. Day and month counters are always kept. */
  settledDays: whole(0, 36_500).default(0),
  /** Seconds within which a second event of the same visitor and target is a duplicate. */
  duplicateSeconds: whole(0, 3600).default(10),
  /** The same if the visitor's port is unknown, when visitors behind one address cannot be distinguished. */
  duplicateSecondsWithoutPort: whole(0, 3600).default(2),
  /** Megabytes that one query of a job may scan before an alarm fires. */
  queryAlertMegabytes: whole(10, 10_000_000).default(1000),
  /** Cents that the jobs' queries of one day may cost before an alarm fires. */
  dailyQueryCents: whole(1, 1_000_000).default(100),
  /** Megabytes after which an interactive query is stopped; 10,000 cost about $0.05. */
  queryMegabytes: whole(10, 10_000_000).default(10_000),

  /**
   * Seconds after which an event is counted, one or two of processing not included. Events that are counted together cost
   * less: `hopcount cost` prints the bill for 5, 20 and 60.
   */
  freshnessSeconds: whole(freshness.least, freshness.most).default(freshness.usual),

  /** Provisioned concurrency of redirect: environments that are kept warm. */
  provisionedConcurrency: whole(0, 10_000).default(0),
  /**
   * Whether a new version of redirect gets 10% of the requests for 15 minutes before it gets all, and none if an alarm fires.
   * Not together with `provisionedConcurrency`: Lambda refuses it on an alias of two versions.
   */
  stagedRollout: flag.default(false),
  /** Batches of up to 1,000 events that enrich processes concurrently. */
  enrichConcurrency: whole(2, 1000).default(20),
  /** Batches of raw files that rollup applies concurrently. More writers conflict more often on a viral page. */
  rollupConcurrency: whole(2, 1000).default(2),
  /**
   * Whether Lambda starts no more batches of a queue than `enrichConcurrency` and `rollupConcurrency`; if not, it invokes more
   * often than these reservations allow, and tries again. With this limit, Lambda polls each queue with five pollers at any
   * traffic, else with as few as two at low traffic, which fill larger batches. Set it to true from about 1,000 clicks a
   * second on. Without `reserveConcurrency`, it is always so.
   */
  limitPollers: flag.default(false),
  /**
   * Reserves (and thereby limits) the concurrency of every function: about 65 for those behind the queues and the API; of
   * the rest, 60% for redirect and 30% for collect. Set it to false if your account's limit is still 10.
   */
  reserveConcurrency: flag.default(true),
  /**
   * Your account's limit of concurrent executions in this region (Service Quotas, Lambda), or the part of it that the
   * stack may use. The deployment fails if the account has less.
   */
  accountConcurrency: whole(10, 1_000_000).default(1000),
  /** Write units per second that `rollups` is warmed up for. It may only rise later. @default - DynamoDB's own 4,000 */
  warmWriteUnits: whole(4000, 1_000_000).optional(),

  /** Sender of invitations, alerts and summaries. SES mails it a verification link. @default - no mails */
  senderAddress: mail.optional(),
  /**
   * An identity of your account in SES that already exists and is verified, and through which `senderAddress` sends: the
   * address itself, or its domain. Cognito then also sends invitations and passwords through it, which reach only verified
   * addresses while SES is in the sandbox. @default - the stack creates an identity for the address, which fails if there is one
   */
  senderIdentity: matching(/^([^@\s]+@)?[a-z0-9.-]+\.[a-z]{2,}$/, 'must be an e-mail address or a domain').optional(),

  /** Address that receives alarms. @default - none */
  alarmEmail: mail.optional(),
  /** Lost events over the last 24 closed hours at which the alarm fires. */
  lostThreshold: whole(1, 1_000_000_000).default(1),
  /** Seconds that a message may wait in a queue before an alarm fires. */
  queueAgeSeconds: whole(60, 86_400).default(300),
  /** Page to which each alarm links, with its name as the fragment. Set it if you keep your own runbook. */
  runbookUrl: z
    .url({ protocol: /^https$/, error: 'must be an https URL' })
    .default('https://github.com/hopcount/hopcount/blob/main/docs/runbook.md'),

  /**
   * Dollars a month for this stack. AWS Budgets notifies the alarm topic at 80% of it, and when the forecast exceeds it. It
   * sees no costs until you activate the cost allocation tag `hopcount-stack` (Billing console, up to 24 hours later).
   */
  monthlyBudget: whole(1, 10_000_000).optional(),

  /**
   * ARN of a managed policy that every role of the stack gets as its permissions boundary, if your organization requires one.
   * docs/runbook.md says what it must allow. @default - none
   */
  permissionsBoundary: matching(
    /^arn:aws(-[a-z]+)*:iam::(\d{12}|aws):policy\/[\w+=,.@/-]+$/,
    'must be the ARN of a managed policy: arn:aws:iam::<account>:policy/<name>',
  ).optional(),

  /**
   * ARN of your symmetric KMS key in the stack's region, which then encrypts every table, queue, topic, log group, secret and
   * the lake instead of AWS's own keys. docs/operations.md says what its policy must allow. @default - AWS's own keys
   */
  kmsKeyArn: matching(
    keyArnPattern,
    'must be the ARN of a KMS key, not of an alias: arn:aws:kms:<region>:<account>:key/<id>',
  ).optional(),

  /**
   * Set by `npm run deploy -- --adopt`: what a removed stack has kept refers to nothing else, so that it can be imported
   * before the rest exists. The deployment that follows adds what is missing.
   */
  adopt: flag.default(false),
  /** Set by `npm start`: the stack runs on this machine instead of on AWS. */
  local: flag.default(false),
  /** Lets replayed requests set their own time and address; only for the local stack. */
  allowReplay: flag.default(false),
};

const schema = z.strictObject(fields).superRefine((value, context) => {
  function refuse(name: keyof typeof fields, message: string) {
    return context.addIssue({ code: 'custom', path: [name], message });
  }
  function needs(one: keyof typeof fields, other: keyof typeof fields) {
    if (value[one] !== undefined && value[other] === undefined) refuse(one, `must be given together with ${other}`);
  }
  if (!value.managedCertificate) needs('domainName', 'certificateArn');
  else if (!value.domainName || !value.hostedZoneId)
    refuse('managedCertificate', 'must be given together with domainName and hostedZoneId');
  needs('hostedZoneId', 'domainName');
  checkLinkDomains(value, (message) => refuse('linkDomains', message));
  needs('certificateArn', 'domainName');
  needs('senderIdentity', 'senderAddress');
  needs('oidcIssuer', 'oidcAudience');
  needs('oidcAudience', 'oidcIssuer');
  needs('oidcTokenEndpoint', 'oidcIssuer');
  if (value.reserveConcurrency) checkConcurrency(value, refuse);
  if (value.stagedRollout && value.provisionedConcurrency > 0)
    refuse('stagedRollout', 'must be false if provisionedConcurrency is not 0');
  if (value.allowReplay && !value.local) refuse('allowReplay', 'must be false: only the local stack can replay');
  if (value.senderAddress && value.senderIdentity && !sendsThrough(value.senderAddress, value.senderIdentity))
    refuse('senderIdentity', `must be ${value.senderAddress} or its domain`);
  if (value.kmsKeyArn && value.region && keyArnPattern.exec(value.kmsKeyArn)?.[2] !== value.region)
    refuse('kmsKeyArn', `must be of a key in ${value.region}`);
  if (value.monthlyBudget && !value.alarmEmail) refuse('monthlyBudget', 'must be given together with alarmEmail');
});

function checkLinkDomains(
  { linkDomains, domainName, managedCertificate, local }: z.output<z.ZodObject<typeof fields>>,
  refuse: (message: string) => void,
): void {
  if (linkDomains.length === 0 || local) return;
  if (domainName === undefined) refuse('must be given together with domainName');
  if (linkDomains.some(({ name }) => name === domainName)) refuse('must not contain domainName');
  if (managedCertificate && linkDomains.some(({ hostedZoneId }) => hostedZoneId === undefined))
    refuse('must have a hostedZoneId for each domain, because managedCertificate is true');
}

/** SES sends for an address, and for every address of a domain and its subdomains. */
function sendsThrough(address: string, identity: string): boolean {
  if (identity.includes('@')) return identity === address;
  const domain = address.split('@')[1] ?? '';
  return domain === identity || domain.endsWith(`.${identity}`);
}

function checkConcurrency(
  value: z.output<z.ZodObject<typeof fields>>,
  refuse: (name: keyof typeof fields, message: string) => void,
): void {
  const least = smallestAccountConcurrency(value);
  if (value.accountConcurrency < least) {
    refuse('accountConcurrency', `must be at least ${least}, unless reserveConcurrency is false`);
    return;
  }
  const { redirect } = edgeConcurrency(value);
  if (value.provisionedConcurrency > redirect)
    refuse('provisionedConcurrency', `must be at most ${redirect}, which accountConcurrency leaves for redirect`);
}

export type Configuration = z.output<typeof schema>;

/**
 * Parses the settings in the CDK context. Unknown names are errors, because a misspelled setting would have no effect.
 * @throws {InvalidConfiguration} listing each invalid value and what is allowed
 */
export function parseConfiguration(context: Readonly<Record<string, unknown>>): Configuration {
  const own = ownKeys(context);
  const result = schema.safeParse(own);
  if (result.success) return result.data;
  throw new InvalidConfiguration(result.error.issues.map((issue) => describe(issue, own)).join('\n'));
}

// CDK's own keys and feature flags all contain a colon; none of ours does.
function ownKeys(context: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(context).filter(([name]) => !name.includes(':')));
}

function describe(issue: z.core.$ZodIssue, context: Readonly<Record<string, unknown>>): string {
  if (issue.code === 'unrecognized_keys')
    return issue.path.length === 0
      ? `${issue.keys.join(', ')} is not a setting; the settings are ${Object.keys(fields).join(', ')}`
      : `${issue.path.join('.')} has ${issue.keys.join(', ')}; it ${issue.message}`;
  return `${issue.path.join('.')} is ${JSON.stringify(readPath(context, issue.path))}; it ${issue.message}`;
}

function readPath(context: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    const outer = readJson(value);
    return typeof outer === 'object' && outer !== null ? Reflect.get(outer, key) : undefined;
  }, context);
}

/** Returns the value of a text that is JSON, or else the value itself. */
function readJson(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  try {
    const parsed: unknown = JSON.parse(value);
    return parsed;
  } catch {
    return value;
  }
}

function matching(pattern: RegExp, allowed: string) {
  return z.string(allowed).regex(pattern, allowed);
}

function oneOf<const T extends readonly [string, ...string[]]>(values: T) {
  return z.enum(values, `must be one of ${values.join(', ')}`);
}

function whole(least: number, most: number) {
  const allowed = `must be a whole number from ${least} to ${most}`;
  const text = z.string(allowed).regex(/^\d+$/, allowed).transform(Number);
  return z.union([z.number(), text], allowed).pipe(z.int(allowed).min(least, allowed).max(most, allowed));
}
