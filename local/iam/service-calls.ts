import { z } from 'zod';
import type { SenderModel } from '../template/model.ts';
import { localArn } from '../template/names.ts';
import type { Call } from './policy.ts';

/** Returns the call of an SQS request. */
export function readQueueCalls(operation: string, body: string): Call[] {
  const { QueueUrl = '', QueueName = QueueUrl.split('/').at(-1) ?? '' } = queueInput.parse(JSON.parse(body));
  return [{ action: `sqs:${operation.replace(/Batch$/, '')}`, resource: localArn('sqs', QueueName) }];
}

const queueInput = z.looseObject({ QueueUrl: z.string().optional(), QueueName: z.string().optional() });

/** Returns the calls of a request to Athena, Glue, Logs, Secrets Manager or Cognito: `AmazonAthena.StartQueryExecution`. */
export function readServiceCalls(
  target: string,
  body: unknown,
  workGroupOf: (executionId: string) => string | undefined,
): Call[] {
  const [service = '', operation = ''] = target.split('.');
  const input = serviceInput.parse(body);
  switch (service) {
    case 'AmazonAthena': {
      const group = input.WorkGroup ?? workGroupOf(input.QueryExecutionId ?? '');
      // The service itself reports an execution that does not exist.
      return group === undefined
        ? []
        : [{ action: `athena:${operation}`, resource: localArn('athena', `workgroup/${group}`) }];
    }
    case 'AWSGlue': {
      const { DatabaseName: database = '', TableName: table = input.Name } = input;
      return glueCalls(operation, database, table);
    }
    case 'Logs_20140328':
      return [
        {
          action: `logs:${operation}`,
          resource: localArn('logs', `log-group:${input.logGroupName ?? input.logGroupIdentifier ?? ''}:*`),
        },
      ];
    case 'secretsmanager': {
      const secret = input.SecretId ?? '';
      const resource = secret.startsWith('arn:') ? secret : localArn('secretsmanager', `secret:${secret}`);
      return [{ action: `secretsmanager:${operation}`, resource }];
    }
    case 'AWSCognitoIdentityProviderService':
      return [
        { action: `cognito-idp:${operation}`, resource: localArn('cognito-idp', `userpool/${input.UserPoolId ?? ''}`) },
      ];
    default:
      return [{ action: target, resource: '*' }];
  }
}

/** Returns the calls of a Glue operation, which must be allowed on the catalog, the database and the table. */
export function glueCalls(operation: string, database: string, table?: string): Call[] {
  const resources = ['catalog', `database/${database}`, ...(table === undefined ? [] : [`table/${database}/${table}`])];
  return resources.map((resource) => ({ action: `glue:${operation}`, resource: localArn('glue', resource) }));
}

const serviceInput = z.looseObject({
  WorkGroup: z.string().optional(),
  QueryExecutionId: z.string().optional(),
  DatabaseName: z.string().optional(),
  TableName: z.string().optional(),
  Name: z.string().optional(),
  logGroupName: z.string().optional(),
  logGroupIdentifier: z.string().optional(),
  SecretId: z.string().optional(),
  UserPoolId: z.string().optional(),
});

/** Returns the call that invokes a function, by its name or ARN. */
export function invocationCall(name: string): Call {
  return {
    action: 'lambda:InvokeFunction',
    resource: name.startsWith('arn:') ? name : localArn('lambda', `function:${name}`),
  };
}

/**
 * Returns the calls of SES's SendEmail: the sender's identity, and the configuration set that the mail or the identity
 * names: https://github.com/aws/aws-cdk/issues/34402
 */
export function readMailCalls(body: unknown, senders: readonly SenderModel[]): Call[] {
  const { FromEmailAddress, ConfigurationSetName } = mailInput.parse(body);
  const address = /<([^>]+)>/.exec(FromEmailAddress)?.[1] ?? FromEmailAddress;
  const set = ConfigurationSetName ?? senders.find((sender) => sender.address === address)?.configurationSet;
  return [`identity/${address}`, ...(set === undefined ? [] : [`configuration-set/${set}`])].map((resource) => ({
    action: 'ses:SendEmail',
    resource: localArn('ses', resource),
  }));
}

const mailInput = z.looseObject({
  FromEmailAddress: z.string().default(''),
  ConfigurationSetName: z.string().optional(),
});
