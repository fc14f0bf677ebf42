/** The parts of a template that the local stack implements, with all intrinsics evaluated. */
export interface StackModel {
  stackName: string;
  tables: readonly TableModel[];
  queues: readonly QueueModel[];
  buckets: readonly BucketModel[];
  databases: readonly DatabaseModel[];
  glueTables: readonly GlueTableModel[];
  workGroups: readonly WorkGroupModel[];
  functions: readonly FunctionModel[];
  /** One per function. */
  roles: readonly RoleModel[];
  /** Statements of the policies of buckets, queues, topics and secrets that are about roles of this account. */
  resourceStatements: readonly ResourceStatementModel[];
  eventSources: readonly EventSourceModel[];
  asyncInvokes: readonly AsyncInvokeModel[];
  functionUrls: readonly FunctionUrlModel[];
  httpApis: readonly HttpApiModel[];
  schedules: readonly ScheduleModel[];
  distributions: readonly DistributionModel[];
  userPools: readonly UserPoolModel[];
  senders: readonly SenderModel[];
  secrets: readonly SecretModel[];
  logGroups: readonly LogGroupModel[];
  alarms: readonly AlarmModel[];
  deployments: readonly DeploymentModel[];
  outputs: Readonly<Record<string, string>>;
}

export interface TableModel {
  name: string;
  keySchema: readonly KeyPart[];
  attributes: readonly { AttributeName: string; AttributeType: 'S' | 'N' | 'B' }[];
  indexes: readonly { IndexName: string; KeySchema: readonly KeyPart[]; Projection: Projection }[];
  /** Attribute that holds the expiry in seconds since the epoch. */
  timeToLive: string | undefined;
}
export interface KeyPart {
  AttributeName: string;
  KeyType: 'HASH' | 'RANGE';
}
export interface Projection {
  ProjectionType?: 'ALL' | 'KEYS_ONLY' | 'INCLUDE' | undefined;
  NonKeyAttributes?: string[] | undefined;
}

export interface QueueModel {
  name: string;
  arn: string;
  /** As SQS takes them: `VisibilityTimeout`, `RedrivePolicy` as JSON, … */
  attributes: Readonly<Record<string, string>>;
}

export interface BucketModel {
  name: string;
  notifications: readonly NotificationModel[];
  crossOrigin: readonly CrossOriginRule[];
}
/** Which pages of other origins may send requests to a bucket. */
export interface CrossOriginRule {
  methods: readonly string[];
  /** Each may hold one `*`, which stands for any characters; those of headers are in lower case. */
  origins: readonly string[];
  headers: readonly string[];
}
export interface NotificationModel {
  queueArn: string;
  prefix: string;
  suffix: string;
}

export interface DatabaseModel {
  name: string;
}
export interface GlueTableModel {
  database: string;
  name: string;
  /** Glue's `TableInput`, as the API would return it. */
  input: Readonly<Record<string, unknown>>;
}
export interface WorkGroupModel {
  name: string;
  /** `WorkGroupConfiguration` of the template. */
  configuration: Readonly<Record<string, unknown>>;
}

export interface FunctionModel {
  logicalId: string;
  name: string;
  arn: string;
  /** Path of the source, by the rule that a function's description names it. */
  description: string;
  /** Folder of the built asset, absolute. */
  directory: string;
  /** `index.handler` */
  handler: string;
  environment: Readonly<Record<string, string>>;
  timeoutSeconds: number;
  memoryMegabytes: number;
  reservedConcurrency: number | undefined;
  logGroup: string;
  /** Folders of its layers, absolute, later ones last. */
  layers: readonly string[];
}

/** The execution role of a function. */
export interface RoleModel {
  functionName: string;
  roleName: string;
  statements: readonly StatementModel[];
}
/** Operators of conditions that the local stack evaluates. */
export type OperatorModel =
  | 'Bool'
  | 'StringEquals'
  | 'StringLike'
  | 'ForAllValues:StringEquals'
  | 'ForAllValues:StringLike';
export interface StatementModel {
  effect: 'Allow' | 'Deny';
  actions: readonly string[];
  resources: readonly string[];
  conditions: readonly {
    operator: OperatorModel;
    key: string;
    values: readonly string[];
  }[];
}
export interface ResourceStatementModel extends StatementModel {
  /** `*`, or ARNs of roles or of the account. */
  principals: readonly string[];
}

export interface EventSourceModel {
  queueArn: string;
  functionName: string;
  batchSize: number;
  windowSeconds: number;
  reportsItemFailures: boolean;
  maximumConcurrency: number | undefined;
  enabled: boolean;
}

/** What happens to asynchronous invocations of a function that fail. */
export interface AsyncInvokeModel {
  functionName: string;
  maximumRetries: number;
  maximumAgeSeconds: number;
  failureQueueArn: string | undefined;
}

export interface FunctionUrlModel {
  host: string;
  functionName: string;
  streaming: boolean;
}

export interface HttpApiModel {
  host: string;
  routes: readonly HttpRouteModel[];
}
export interface HttpRouteModel {
  /** `POST /e`, `ANY /api/{proxy+}` or `$default` */
  key: string;
  functionName: string;
}

export interface ScheduleModel {
  name: string;
  /** `rate(15 minutes)`, `cron(0 * * * ? *)` or `at(2026-11-22T07:00:00)` */
  expression: string;
  timeZone: string;
  functionName: string;
  /** JSON text, in which `<aws.scheduler.scheduled-time>` is replaced with the time. */
  input: string;
  enabled: boolean;
}

export interface DistributionModel {
  domain: string;
  defaultRootObject: string;
  /** In order of precedence; the default one is last, with pattern `*`. */
  behaviors: readonly BehaviorModel[];
}
export interface BehaviorModel {
  pattern: string;
  methods: readonly string[];
  origin: OriginModel;
  viewerRequest: string | undefined;
  viewerResponse: string | undefined;
  forwardedHeaders: SelectionModel;
  forwardedQuery: SelectionModel;
  forwardedCookies: SelectionModel;
  /** `toRequestsWith`: added only if the viewer's request has this header. */
  responseHeaders: readonly { name: string; value: string; override: boolean; toRequestsWith?: string }[];
  removedHeaders: readonly string[];
  compress: boolean;
}
export type SelectionModel =
  | { kind: 'all' }
  | { kind: 'none' }
  | { kind: 'only'; names: readonly string[] }
  | { kind: 'except'; names: readonly string[] };
export type OriginModel = { customHeaders: Readonly<Record<string, string>>; path: string } & (
  | { kind: 'function'; functionName: string; streaming: boolean }
  | { kind: 'api'; api: HttpApiModel }
  | { kind: 'bucket'; bucket: string }
);

export interface UserPoolModel {
  id: string;
  /** Validity of a temporary password in days. */
  temporaryPasswordDays: number;
  /** Invitation email; `{username}` and `{####}` are replaced with the address and the password. */
  invitation: { subject: string; body: string };
}

/** An address that SES may send from, and the configuration set that it uses by default. */
export interface SenderModel {
  address: string;
  configurationSet: string | undefined;
}

export interface SecretModel {
  name: string;
  arn: string;
  value: { kind: 'given'; text: string } | { kind: 'generated'; length: number; excluded: string; json?: SecretJson };
}
export interface SecretJson {
  template: Readonly<Record<string, unknown>>;
  key: string;
}

export interface LogGroupModel {
  name: string;
  retentionDays: number;
}
export interface AlarmModel {
  name: string;
  description: string;
}

/** Asset folders to copy into a bucket, as `BucketDeployment` does. */
export interface DeploymentModel {
  bucket: string;
  prefix: string;
  cacheControl: string | undefined;
  directories: readonly string[];
  /** Placeholders in files, with the values that replace them. */
  markers: Readonly<Record<string, string>>;
}
