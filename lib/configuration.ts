import { z } from 'zod';

/** One or more values of the context are wrong; the message names each, its value and what is allowed. */
export class InvalidConfiguration extends Error {
  override readonly name = 'InvalidConfiguration';
}

// `cdk -c hotDays=30` hands over text, cdk.json a number: both are read, and the message is the same.
const flag = z.union([z.boolean(), z.stringbool({ truthy: ['true'], falsy: ['false'] })], 'must be true or false');

const mail = z.email('must be an e-mail address');
const publicCertificate = /^arn:aws(-[a-z]+)*:acm:us-east-1:\d{12}:certificate\/[\w-]+$/;

const fields = {
  /** Name of the stack, and namespace of its metrics. Two stacks of one account and region have two. */
  stackName: matching(/^[A-Za-z][A-Za-z0-9-]{0,62}$/, 'must be letters, digits and hyphens, a letter first').default(
    'Hopcount',
  ),
  /** @default - the region of the shell that deploys */
  region: matching(/^[a-z]{2}(-[a-z]+)+-\d$/, 'must be a region such as eu-central-1').optional(),

  /** Where viewers reach the stack; needs `certificateArn`. @default - the name that CloudFront gives */
  domainName: matching(
    /^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/,
    'must be a host name in lower case, such as go.example.com',
  ).optional(),
  certificateArn: matching(
    publicCertificate,
    'must be the ARN of an ACM certificate in us-east-1, the only region that CloudFront reads',
  ).optional(),
  priceClass: oneOf(['PriceClass_100', 'PriceClass_200', 'PriceClass_All']).default('PriceClass_All'),
  /** CloudFront access logs. They hold addresses, for 30 days. */
  accessLogs: flag.default(false),

  /** An OIDC issuer that replaces the stack's Cognito user pool; needs `oidcAudience`. */
  oidcIssuer: z.url({ protocol: /^https$/, error: 'must be an https URL' }).optional(),
  oidcAudience: z.string('must be text').min(1, 'must not be empty').optional(),

  /** `layer`: DB-IP City Lite in a Lambda layer. `none`: country only, from CloudFront. Else the MMDB to read. */
  geography: matching(/^(layer|none|s3:\/\/[a-z0-9.-]+\/\S+)$/, 'must be layer, none or s3://bucket/key').default(
    'layer',
  ),

  /** Days that hourly counters live after their last write. */
  hotDays: whole(1, 3650).default(90),
  /** Days that raw files of settled hours live. They hold the repeat keys, whose salts live for three days. */
  rawDays: whole(4, 3650).default(35),
  /** First day of the lake's projected partitions; days before it are not queried. */
  lakeFrom: matching(/^\d{4}-\d{2}-\d{2}$/, 'must be a date such as 2026-01-01').default('2026-01-01'),
  /** Days that settled events live; 0 for ever. Day and month counters stay for ever. */
  settledDays: whole(0, 36_500).default(0),
  /** Seconds within which a second event of the same requester and target is a duplicate. */
  duplicateSeconds: whole(0, 3600).default(10),
  /** The same where the requester's port is not known: people behind one address are not told apart then. */
  duplicateSecondsWithoutPort: whole(0, 3600).default(2),
  /** Megabytes that one query of a job may scan before somebody is told. */
  queryAlertMegabytes: whole(10, 10_000_000).default(1000),
  /** Cents that the queries of one day may cost before somebody is told. */
  dailyQueryCents: whole(1, 1_000_000).default(100),
  /** Megabytes after which an interactive query is cut off. 10,000 cost about $0.05. */
  queryMegabytes: whole(10, 10_000_000).default(10_000),

  /** Execution environments of redirect that are kept warm. */
  provisionedConcurrency: whole(0, 10_000).default(0),
  /** Batches that enrich works on at once; each holds up to 1,000 events. */
  enrichConcurrency: whole(2, 1000).default(20),
  /** Raw files that rollup applies at once. Every file touches the viral page, and two writers already collide. */
  rollupConcurrency: whole(2, 1000).default(2),
  /**
   * Caps every function but redirect, so that none starves it. Takes about 60 of the account's concurrency; an
   * account whose limit is still 10 must say false.
   */
  reserveConcurrency: flag.default(true),
  /** Write units per second that `rollups` takes from its first minute. @default - 4,000, as DynamoDB gives */
  warmWriteUnits: whole(4000, 1_000_000).optional(),

  /** Who the alerts and digests of pages are from. SES asks this address for its consent. @default - no mails */
  senderAddress: mail.optional(),

  /** Receives the alarms. */
  alarmEmail: mail.optional(),
  /** Lost events, over the last 24 closed hours, from which the alarm rises. */
  lostThreshold: whole(1, 1_000_000_000).default(1),
  /** Seconds that a message may wait in a queue before the alarm rises. */
  queueAgeSeconds: whole(60, 86_400).default(300),

  /** Dollars a month; above 80 % of it, and when the forecast passes it, the alarm topic is told. */
  monthlyBudget: whole(1, 10_000_000).optional(),

  /** The stack is run by `npm start` on this machine, and is not deployed. */
  local: flag.default(false),
  /** Functions honour the time of a replayed request. */
  allowReplay: flag.default(false),
};

const schema = z.strictObject(fields).superRefine((value, context) => {
  function refuse(name: keyof typeof fields, message: string) {
    return context.addIssue({ code: 'custom', path: [name], message });
  }
  function needs(one: keyof typeof fields, other: keyof typeof fields) {
    if (value[one] !== undefined && value[other] === undefined) refuse(one, `must be given together with ${other}`);
  }
  needs('domainName', 'certificateArn');
  needs('certificateArn', 'domainName');
  needs('oidcIssuer', 'oidcAudience');
  needs('oidcAudience', 'oidcIssuer');
  if (value.allowReplay && !value.local) refuse('allowReplay', 'must be false: only the local stack replays');
  if (value.monthlyBudget && !value.alarmEmail) refuse('monthlyBudget', 'must be given together with alarmEmail');
});

export type Configuration = z.output<typeof schema>;

/**
 * Checks the CDK context, all of it: an unknown name is a typing error that would otherwise change nothing.
 *
 * @throws {InvalidConfiguration} naming each wrong value and what is allowed
 */
export function parseConfiguration(context: Readonly<Record<string, unknown>>): Configuration {
  const own = ownKeys(context);
  const result = schema.safeParse(own);
  if (result.success) return result.data;
  throw new InvalidConfiguration(result.error.issues.map((issue) => describe(issue, own)).join('\n'));
}

// CDK's own keys and feature flags all hold a colon, and none of ours does.
function ownKeys(context: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(context).filter(([name]) => !name.includes(':')));
}

function describe(issue: z.core.$ZodIssue, context: Readonly<Record<string, unknown>>): string {
  if (issue.code === 'unrecognized_keys')
    return `${issue.keys.join(', ')} is not a setting; the settings are ${Object.keys(fields).join(', ')}`;
  const name = String(issue.path[0]);
  return `${name} is ${JSON.stringify(context[name])}; it ${issue.message}`;
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
