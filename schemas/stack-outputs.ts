/**
 * Outputs of the stack, by which the CLI finds its parts. The stack declares exactly these; the local stack writes
 * them to `stack.json`, a deployed one shows them in CloudFormation.
 */
export const stackOutputNames = [
  'Url',
  'IgnoreCase',
  'LinkDomains',
  'CatalogTable',
  'RollupsTable',
  'CacheTable',
  'LakeBucket',
  'ClickQueueUrl',
  'ClickDeadLetterQueueUrl',
  'FilesQueueUrl',
  'FilesDeadLetterQueueUrl',
  'JobFailuresQueueUrl',
  'RedirectLogGroup',
  'CollectLogGroup',
  'EnrichFunction',
  'RollupFunction',
  'ReceiptsFunction',
  'SettleFunction',
  'RetentionFunction',
  'EraseFunction',
  'ExportFunction',
  'ImportFunction',
  'PullFunction',
  'AlertsFunction',
  'GlueDatabase',
  'InteractiveWorkGroup',
  'JobsWorkGroup',
  'IdentityIssuer',
  'IdentityAudience',
] as const;
export type StackOutputName = (typeof stackOutputNames)[number];
export type StackOutputs = Record<StackOutputName, string>;
