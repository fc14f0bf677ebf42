/** List prices in US dollars, region us-east-1, without free tiers, savings plans or taxes. */
export const pricedRegion = 'us-east-1';

interface Price {
  readonly dollars: number;
  readonly per: number;
  readonly unit: string;
}

export const prices = {
  cloudFrontRequests: { dollars: 1, per: 1e6, unit: 'HTTPS requests at CloudFront' },
  cloudFrontFunction: { dollars: 0.1, per: 1e6, unit: 'runs of the CloudFront viewer function' },
  cloudFrontTransfer: { dollars: 0.085, per: 1, unit: 'GB from CloudFront to viewers (first 10 TB)' },
  lambdaRequests: { dollars: 0.2, per: 1e6, unit: 'Lambda invocations' },
  lambdaDuration: { dollars: 0.0000133334, per: 1, unit: 'GB-second of Lambda, arm64' },
  logsIngested: { dollars: 0.5, per: 1, unit: 'GB into CloudWatch Logs' },
  logsStored: { dollars: 0.03, per: 1, unit: 'GB-month in CloudWatch Logs, compressed' },
  sqsRequests: { dollars: 0.4, per: 1e6, unit: 'SQS requests of up to 64 KB' },
  dynamoWrites: { dollars: 0.625, per: 1e6, unit: 'DynamoDB write units on demand (1 KB; two in a transaction)' },
  dynamoReads: {
    dollars: 0.125,
    per: 1e6,
    unit: 'DynamoDB read units on demand (4 KB; half when eventually consistent)',
  },
  dynamoStorage: { dollars: 0.25, per: 1, unit: 'GB-month in DynamoDB' },
  dynamoBackups: { dollars: 0.2, per: 1, unit: 'GB-month of a DynamoDB table with point-in-time recovery' },
  s3Puts: { dollars: 0.005, per: 1e3, unit: 'S3 PUT, COPY and LIST requests' },
  s3Gets: { dollars: 0.0004, per: 1e3, unit: 'S3 GET requests' },
  s3Standard: { dollars: 0.023, per: 1, unit: 'GB-month in S3 Standard' },
  s3GlacierInstant: { dollars: 0.004, per: 1, unit: 'GB-month in S3 Glacier Instant Retrieval' },
  s3Transitions: { dollars: 0.02, per: 1e3, unit: 'objects moved to Glacier Instant Retrieval' },
  athenaScanned: { dollars: 5, per: 1, unit: 'TB scanned by Athena, 10 MB at least a query' },
  alarms: { dollars: 0.1, per: 1, unit: 'metric that a CloudWatch alarm watches a month' },
  metrics: { dollars: 0.3, per: 1, unit: 'CloudWatch metric of our own a month, for the hours in which it is sent' },
  secrets: { dollars: 0.4, per: 1, unit: 'secret a month in Secrets Manager' },
  keys: { dollars: 1, per: 1, unit: 'customer managed key a month in KMS' },
  webAcls: { dollars: 5, per: 1, unit: 'web ACL a month in WAF' },
  webAclRules: { dollars: 1, per: 1, unit: 'rule or managed rule group of a web ACL a month' },
  webAclRequests: { dollars: 0.6, per: 1e6, unit: 'requests that a web ACL inspects' },
  httpApi: { dollars: 1, per: 1e6, unit: 'requests of an HTTP API of up to 512 KB' },
  activeUsers: { dollars: 0.015, per: 1, unit: 'monthly active user of Cognito, Essentials' },
  mails: { dollars: 0.1, per: 1e3, unit: 'mails by SES' },
  schedules: { dollars: 1, per: 1e6, unit: 'invocations by EventBridge Scheduler' },
} as const satisfies Record<string, Price>;
export type PriceName = keyof typeof prices;

/** Returns the dollars for an amount, in the unit that the price is named after: requests, GB, GB-seconds, items. */
export function dollars(name: PriceName, amount: number): number {
  return (prices[name].dollars / prices[name].per) * amount;
}

/** Returns the dollars of Lambda invocations of this mean duration. */
export function lambdaDollars(invocations: number, seconds: number, memoryGb: number): number {
  return dollars('lambdaRequests', invocations) + dollars('lambdaDuration', invocations * seconds * memoryGb);
}
