import { z } from 'zod';
import type {
  AlarmModel,
  AsyncInvokeModel,
  EventSourceModel,
  FunctionModel,
  FunctionUrlModel,
  HttpApiModel,
  HttpRouteModel,
  LogGroupModel,
  ScheduleModel,
} from './model.ts';
import { assetDirectory } from './read-storage.ts';
import { flag, functionNameOf, number, type Resources, textAttribute } from './resources.ts';
import { hosts } from './scope.ts';

const functionProperties = z.object({
  Runtime: z.string().optional(),
  Handler: z.string().default('index.handler'),
  Description: z.string().default(''),
  Code: z.object({ S3Key: z.string().optional() }),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()).default({}) }).optional(),
  Timeout: number.default(3),
  MemorySize: number.default(128),
  ReservedConcurrentExecutions: number.optional(),
  Layers: z.array(z.string()).default([]),
  LoggingConfig: z.object({ LogGroup: z.string().optional() }).optional(),
});

const layerProperties = z.object({ Content: z.object({ S3Key: z.string() }) });

/** Functions of this project: Node from an asset. CDK's own providers are inline, Python, or never called here. */
export function readFunctions(resources: Resources): readonly FunctionModel[] {
  const layers = new Map(
    resources
      .ofType('AWS::Lambda::LayerVersion', layerProperties)
      .map(({ logicalId, reference, properties }) => [
        reference,
        assetDirectory(resources, properties.Content.S3Key, logicalId),
      ]),
  );
  return resources
    .ofType('AWS::Lambda::Function', functionProperties)
    .flatMap(({ logicalId, reference, properties }) => {
      const key = properties.Code.S3Key;
      if (key === undefined || !properties.Runtime?.startsWith('nodejs')) return [];
      return {
        logicalId,
        name: reference,
        arn: textAttribute(resources.scope, logicalId, 'Arn'),
        description: properties.Description,
        directory: assetDirectory(resources, key, logicalId),
        handler: properties.Handler,
        environment: properties.Environment?.Variables ?? {},
        timeoutSeconds: properties.Timeout,
        memoryMegabytes: properties.MemorySize,
        reservedConcurrency: properties.ReservedConcurrentExecutions,
        logGroup: properties.LoggingConfig?.LogGroup ?? `/aws/lambda/${reference}`,
        layers: properties.Layers.flatMap((layer) => layers.get(layer) ?? []),
      };
    });
}

const eventSourceProperties = z.object({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  BatchSize: number.default(10),
  MaximumBatchingWindowInSeconds: number.default(0),
  FunctionResponseTypes: z.array(z.string()).default([]),
  ScalingConfig: z.object({ MaximumConcurrency: number.optional() }).optional(),
  Enabled: flag.default(true),
});

export function readEventSources(resources: Resources): readonly EventSourceModel[] {
  return resources.ofType('AWS::Lambda::EventSourceMapping', eventSourceProperties).map(({ properties }) => ({
    queueArn: properties.EventSourceArn,
    functionName: functionNameOf(properties.FunctionName),
    batchSize: properties.BatchSize,
    windowSeconds: properties.MaximumBatchingWindowInSeconds,
    reportsItemFailures: properties.FunctionResponseTypes.includes('ReportBatchItemFailures'),
    maximumConcurrency: properties.ScalingConfig?.MaximumConcurrency,
    enabled: properties.Enabled,
  }));
}

// Other destinations than a queue of failures are refused by name.
const asyncInvokeProperties = z.object({
  FunctionName: z.string(),
  MaximumRetryAttempts: number.default(2),
  MaximumEventAgeInSeconds: number.default(21_600),
  DestinationConfig: z
    .strictObject({ OnFailure: z.object({ Destination: z.string().regex(/:sqs:/, 'must be a queue') }).optional() })
    .default({}),
});

export function readAsyncInvokes(resources: Resources): readonly AsyncInvokeModel[] {
  return resources.ofType('AWS::Lambda::EventInvokeConfig', asyncInvokeProperties).map(({ properties }) => ({
    functionName: functionNameOf(properties.FunctionName),
    maximumRetries: properties.MaximumRetryAttempts,
    maximumAgeSeconds: properties.MaximumEventAgeInSeconds,
    failureQueueArn: properties.DestinationConfig.OnFailure?.Destination,
  }));
}

const urlProperties = z.object({ TargetFunctionArn: z.string(), InvokeMode: z.string().default('BUFFERED') });

export function readFunctionUrls(resources: Resources): readonly FunctionUrlModel[] {
  return resources.ofType('AWS::Lambda::Url', urlProperties).map(({ logicalId, properties }) => ({
    host: hosts.functionUrl(logicalId),
    functionName: functionNameOf(properties.TargetFunctionArn),
    streaming: properties.InvokeMode === 'RESPONSE_STREAM',
  }));
}

const integrationProperties = z.object({
  ApiId: z.string(),
  IntegrationType: z.literal('AWS_PROXY'),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0'),
});

const routeProperties = z.object({ ApiId: z.string(), RouteKey: z.string(), Target: z.string() });

export function readHttpApis(resources: Resources): readonly HttpApiModel[] {
  const targets = new Map(
    resources
      .ofType('AWS::ApiGatewayV2::Integration', integrationProperties)
      .map(({ reference, properties }) => [`integrations/${reference}`, functionNameOf(properties.IntegrationUri)]),
  );
  const routes = resources.ofType('AWS::ApiGatewayV2::Route', routeProperties);
  return resources.ofType('AWS::ApiGatewayV2::Api', z.unknown()).map(({ logicalId, reference }) => ({
    host: hosts.httpApi(logicalId),
    routes: routes
      .filter(({ properties }) => properties.ApiId === reference)
      .flatMap(({ properties }): HttpRouteModel[] => {
        const functionName = targets.get(properties.Target);
        return functionName === undefined ? [] : [{ key: properties.RouteKey, functionName }];
      }),
  }));
}

const scheduleProperties = z.object({
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  Target: z.object({ Arn: z.string(), Input: z.string().default('{}') }),
});

export function readSchedules(resources: Resources): readonly ScheduleModel[] {
  return resources.ofType('AWS::Scheduler::Schedule', scheduleProperties).map(({ reference, properties }) => ({
    name: reference,
    expression: properties.ScheduleExpression,
    timeZone: properties.ScheduleExpressionTimezone,
    functionName: functionNameOf(properties.Target.Arn),
    input: properties.Target.Input,
    enabled: properties.State === 'ENABLED',
  }));
}

const logGroupProperties = z.object({ RetentionInDays: number.default(30) });

export function readLogGroups(resources: Resources): readonly LogGroupModel[] {
  return resources.ofType('AWS::Logs::LogGroup', logGroupProperties).map(({ reference, properties }) => ({
    name: reference,
    retentionDays: properties.RetentionInDays,
  }));
}

const alarmProperties = z.object({ AlarmName: z.string().optional(), AlarmDescription: z.string().default('') });

export function readAlarms(resources: Resources): readonly AlarmModel[] {
  return resources
    .ofType(['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'], alarmProperties)
    .map(({ logicalId, properties }) => ({
      name: properties.AlarmName ?? logicalId,
      description: properties.AlarmDescription,
    }));
}
