import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, paginateDescribeAlarms } from '@aws-sdk/client-cloudwatch';
import { ListFunctionUrlConfigsCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { GetTopicAttributesCommand, SNSClient } from '@aws-sdk/client-sns';
import { readConcurrency, readSending } from '#cli/account-settings.ts';
import { sendRequest } from '#cli/http-request.ts';
import type { Stack } from '#cli/stack.ts';
import {
  type AlarmState,
  evaluateAlarms,
  evaluateConcurrency,
  evaluateMails,
  evaluateOrigin,
  type TopicState,
} from './aws-findings.ts';
import type { Finding } from './findings.ts';

/** Physical ids of the stack's resources by their type. */
type Resources = ReadonlyMap<string, readonly string[]>;

/** Returns the checks of what the local stack does not simulate, by name. */
export function createAwsChecks(stack: Stack): Record<string, () => Promise<Finding[]>> {
  const listed = listResources(stack);
  // Each check that needs the list reports its error.
  listed.catch(() => undefined);
  return {
    alarms: async () => examineAlarms(stack, await listed),
    concurrency: () => examineConcurrency(stack),
    mails: async () => examineMails(stack, await listed),
    'direct access': async () => examineOrigins(stack, await listed),
  };
}

async function listResources({ name, region }: Stack): Promise<Resources> {
  const client = new CloudFormationClient({ region });
  const resources = new Map<string, string[]>();
  for await (const page of paginateListStackResources({ client }, { StackName: name }))
    for (const { ResourceType = '', PhysicalResourceId = '' } of page.StackResourceSummaries ?? [])
      resources.set(ResourceType, [...(resources.get(ResourceType) ?? []), PhysicalResourceId]);
  return resources;
}

async function examineAlarms({ region }: Stack, resources: Resources): Promise<Finding[]> {
  const names = resources.get('AWS::CloudWatch::Alarm') ?? [];
  const alarms: AlarmState[] = [];
  const client = new CloudWatchClient({ region });
  for await (const page of paginateDescribeAlarms({ client }, { AlarmNames: [...names] }))
    for (const { AlarmName: name = '', StateValue, ActionsEnabled, AlarmActions = [] } of page.MetricAlarms ?? [])
      alarms.push({ name, firing: StateValue === 'ALARM', topics: ActionsEnabled ? AlarmActions : [] });
  const missing = names.filter((name) => !alarms.some((alarm) => alarm.name === name));
  const all = [...alarms, ...missing.map((name) => ({ name, firing: false, topics: [] }))];
  const arns = [...new Set(all.flatMap(({ topics }) => topics))];
  return evaluateAlarms(all, await Promise.all(arns.map((arn) => readTopic(region, arn))));
}

async function readTopic(region: string, arn: string): Promise<TopicState> {
  const { Attributes = {} } = await new SNSClient({ region }).send(new GetTopicAttributesCommand({ TopicArn: arn }));
  return {
    arn,
    policy: Attributes['Policy'] ?? '',
    confirmed: Number(Attributes['SubscriptionsConfirmed'] ?? 0),
    pending: Number(Attributes['SubscriptionsPending'] ?? 0),
  };
}

async function examineConcurrency({ region }: Stack): Promise<Finding[]> {
  return [evaluateConcurrency(await readConcurrency(new LambdaClient({ region })))];
}

async function examineMails({ region }: Stack, resources: Resources): Promise<Finding[]> {
  if (!resources.has('AWS::SES::ConfigurationSet')) return [evaluateMails(undefined)];
  return [evaluateMails(await readSending(new SESv2Client({ region })))];
}

async function examineOrigins({ region }: Stack, resources: Resources): Promise<Finding[]> {
  const apis = (resources.get('AWS::ApiGatewayV2::Api') ?? []).map(
    (id) => ['the HTTP API', `https://${id}.execute-api.${region}.amazonaws.com/api/v1/openapi.json`] as const,
  );
  const lambda = new LambdaClient({ region });
  // The physical id of a function URL is the ARN of its function, which may name an alias.
  const names = (resources.get('AWS::Lambda::Url') ?? []).map((arn) => arn.split(':')[6]);
  const found = await Promise.all(
    names.map((name) => lambda.send(new ListFunctionUrlConfigsCommand({ FunctionName: name }))),
  );
  const urls = found.flatMap(({ FunctionUrlConfigs = [] }) => FunctionUrlConfigs);
  const functions = urls.map(({ FunctionUrl }) => ['redirect', `${FunctionUrl}robots.txt`] as const);
  return Promise.all(
    [...apis, ...functions].map(async ([name, url]) => evaluateOrigin(name, (await sendRequest(url)).status)),
  );
}
