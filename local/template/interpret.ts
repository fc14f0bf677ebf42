import { z } from 'zod';
import type { Assembly } from './assembly.ts';
import { evaluate, UnsupportedTemplate } from './intrinsics.ts';
import type { SecretModel, StackModel } from './model.ts';
import {
  readAlarms,
  readAsyncInvokes,
  readEventSources,
  readFunctions,
  readFunctionUrls,
  readHttpApis,
  readLogGroups,
  readSchedules,
} from './read-compute.ts';
import { readDistributions } from './read-edge.ts';
import { readUserPools } from './read-identity.ts';
import { readResourceStatements, readRoles, readSenders } from './read-roles.ts';
import {
  readBuckets,
  readDatabases,
  readDeployments,
  readGlueTables,
  readQueues,
  readSecrets,
  readTables,
  readWorkGroups,
} from './read-storage.ts';
import { evaluateResources, type Resources } from './resources.ts';
import { type Addresses, createScope } from './scope.ts';

export interface Interpretation {
  addresses: Addresses;
  /** Returns the value of a secret, generated on first use. */
  secretValue: (secret: SecretModel) => string;
}

/**
 * Reads the template into a model, with every intrinsic evaluated.
 *
 * @throws {UnsupportedTemplate} naming a resource type, property or intrinsic that the local stack doesn't support
 */
export function interpret(assembly: Assembly, { addresses, secretValue }: Interpretation): StackModel {
  const resources = evaluateResources(assembly, createScope(assembly, addresses));
  refuseUnknownTypes(resources);
  const secrets = readSecrets(resources);
  const buckets = readBuckets(resources);
  const functionUrls = readFunctionUrls(resources);
  const httpApis = readHttpApis(resources);
  const functions = readFunctions(resources);

  const toLocal = localAddresses(resources, addresses);

  function resolveSecrets(text: string): string {
    return text.replaceAll(
      /\{\{resolve:secretsmanager:(arn:[^}]+?):SecretString:([^:}]*):?[^}]*\}\}/g,
      (_all, arn, key) => {
        const secret = secrets.find((each) => each.arn === arn);
        if (!secret) throw new UnsupportedTemplate(`${text} refers to a secret that isn't part of the stack`);
        const value = secretValue(secret);
        return key === '' ? value : String(JSON.parse(value)[key]);
      },
    );
  }

  return {
    stackName: assembly.stackName,
    tables: readTables(resources),
    queues: readQueues(resources),
    buckets,
    databases: readDatabases(resources),
    glueTables: readGlueTables(resources),
    workGroups: readWorkGroups(resources),
    functions: functions.map((each) => ({
      ...each,
      environment: mapValues(each.environment, (text) => toLocal(resolveSecrets(text))),
    })),
    roles: readRoles(resources, functions),
    resourceStatements: readResourceStatements(resources),
    eventSources: readEventSources(resources),
    asyncInvokes: readAsyncInvokes(resources),
    functionUrls,
    httpApis,
    schedules: readSchedules(resources),
    distributions: readDistributions(resources, { functionUrls, httpApis, buckets, resolveSecrets }).map((each) => ({
      ...each,
      behaviors: each.behaviors.map((behavior) => ({
        ...behavior,
        responseHeaders: behavior.responseHeaders.map((header) => ({ ...header, value: toLocal(header.value) })),
      })),
    })),
    userPools: readUserPools(resources).map((each) => ({
      ...each,
      invitation: { ...each.invitation, body: toLocal(each.invitation.body) },
    })),
    senders: readSenders(resources),
    secrets,
    logGroups: readLogGroups(resources),
    alarms: readAlarms(resources),
    deployments: readDeployments(resources).map((each) => ({ ...each, markers: mapValues(each.markers, toLocal) })),
    outputs: mapValues(readOutputs(resources), toLocal),
  };
}

/** Types that the local stack implements. */
const interpreted: ReadonlySet<string> = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::Athena::WorkGroup',
  'AWS::CloudFront::CachePolicy',
  'AWS::CloudFront::Distribution',
  'AWS::CloudFront::Function',
  'AWS::CloudFront::OriginRequestPolicy',
  'AWS::CloudFront::ResponseHeadersPolicy',
  'AWS::CloudWatch::Alarm',
  'AWS::CloudWatch::CompositeAlarm',
  'AWS::Cognito::UserPool',
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::Glue::Database',
  'AWS::Glue::Table',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Policy',
  'AWS::IAM::Role',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::Lambda::LayerVersion',
  'AWS::Lambda::Url',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
  'AWS::S3::BucketPolicy',
  'AWS::SES::EmailIdentity',
  'AWS::SNS::TopicPolicy',
  'AWS::SQS::Queue',
  'AWS::SQS::QueuePolicy',
  'AWS::Scheduler::Schedule',
  'AWS::SecretsManager::ResourcePolicy',
  'AWS::SecretsManager::Secret',
  'Custom::CDKBucketDeployment',
  'Custom::S3BucketNotifications',
]);

/** Types without a local effect, such as encryption, domains and dashboards. */
const ignored: ReadonlySet<string> = new Set([
  'AWS::ApiGatewayV2::ApiMapping',
  'AWS::ApiGatewayV2::Stage',
  'AWS::Athena::NamedQuery',
  'AWS::Budgets::Budget',
  'AWS::CDK::Metadata',
  'AWS::CertificateManager::Certificate',
  'AWS::CloudFront::CloudFrontOriginAccessIdentity',
  'AWS::CloudFront::OriginAccessControl',
  'AWS::CloudWatch::Dashboard',
  'AWS::CodeDeploy::Application',
  'AWS::CodeDeploy::DeploymentGroup',
  'AWS::Cognito::ManagedLoginBranding',
  'AWS::Cognito::UserPoolClient',
  'AWS::Cognito::UserPoolDomain',
  'AWS::KMS::Alias',
  'AWS::KMS::Key',
  'AWS::Lambda::Alias',
  'AWS::Lambda::Permission',
  'AWS::Lambda::Version',
  'AWS::Logs::MetricFilter',
  'AWS::Logs::QueryDefinition',
  'AWS::Logs::ResourcePolicy',
  'AWS::Route53::RecordSet',
  'AWS::SES::ConfigurationSet',
  'AWS::SES::ConfigurationSetEventDestination',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SSM::Parameter',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::WAFv2::WebACL',
  'Custom::S3AutoDeleteObjects',
]);

function refuseUnknownTypes(resources: Resources): void {
  const unknown = resources.all().filter(({ type }) => !interpreted.has(type) && !ignored.has(type));
  if (unknown.length === 0) return;
  const names = unknown.map(({ logicalId, type }) => `${logicalId} (${type})`).join(', ');
  throw new UnsupportedTemplate(
    `The local stack doesn't support ${names}. Interpret the type in local/template, or add it to the ignored types.`,
  );
}

/** Returns a function that replaces AWS addresses with local ones. */
function localAddresses(resources: Resources, addresses: Addresses): (text: string) => string {
  function hostsOf(type: string, attribute: string): string[] {
    return resources
      .ofType(type, z.unknown())
      .map(({ logicalId }) => String(resources.scope.attribute(logicalId, attribute)));
  }
  const replacements: [string, string][] = [
    ...hostsOf('AWS::CloudFront::Distribution', 'DomainName').map((host): [string, string] => [host, addresses.edge]),
    ...hostsOf('AWS::Cognito::UserPool', 'ProviderName').map((host): [string, string] => [host, addresses.issuer]),
    ...hostsOf('AWS::S3::Bucket', 'RegionalDomainName').map((host): [string, string] => [host, addresses.queues]),
  ];
  return (text) => replacements.reduce((result, [host, local]) => result.replaceAll(`https://${host}`, local), text);
}

function mapValues(record: Readonly<Record<string, string>>, map: (text: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([name, text]) => [name, map(text)]));
}

function readOutputs({ assembly, scope }: Resources): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(assembly.template.Outputs)
      .filter(([, output]) => output.Condition === undefined || scope.condition(output.Condition))
      .map(([name, output]) => [name, String(evaluate(output.Value, scope))]),
  );
}
