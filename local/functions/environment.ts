import type { FunctionModel } from '../template/model.ts';
import { localRegion } from '../template/names.ts';
import path from 'node:path';
import { existsSync } from 'node:fs';

/** Local endpoints of the AWS services. */
export interface Endpoints {
  dynamodb: string;
  sqs: string;
  s3: string;
  logs: string;
  lambda: string;
  athena: string;
  glue: string;
  secretsManager: string;
  ses: string;
  userPools: string;
}

/** Builds a function's environment: variables of the template, of Lambda, and the local endpoints. */
export function functionEnvironment(model: FunctionModel, endpoints: Endpoints): Record<string, string> {
  return {
    ...Object.fromEntries(
      Object.entries(model.environment).map(([name, value]) => [name, insideLayer(value, model.layers)]),
    ),
    ...endpointVariables(endpoints),
    AWS_REGION: localRegion,
    AWS_DEFAULT_REGION: localRegion,
    // Tells the local services which function calls, and so which role applies.
    AWS_ACCESS_KEY_ID: model.name,
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
    AWS_LAMBDA_FUNCTION_NAME: model.name,
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(model.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: model.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: 'local',
    LAMBDA_TASK_ROOT: model.directory,
    _HANDLER: model.handler,
    TZ: ':UTC',
  };
}

/** Maps a path below `/opt` to the local folder of its layer. */
function insideLayer(value: string, layers: readonly string[]): string {
  if (!value.startsWith('/opt/')) return value;
  const inside = value.slice('/opt/'.length);
  const layer = layers.toReversed().find((folder) => existsSync(path.join(folder, inside)));
  return layer === undefined ? value : path.join(layer, inside);
}

/** Returns the variables that set the endpoints of the AWS SDK. */
export function endpointVariables(endpoints: Endpoints): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_DYNAMODB: endpoints.dynamodb,
    AWS_ENDPOINT_URL_SQS: endpoints.sqs,
    AWS_ENDPOINT_URL_S3: endpoints.s3,
    AWS_ENDPOINT_URL_CLOUDWATCH_LOGS: endpoints.logs,
    AWS_ENDPOINT_URL_LAMBDA: endpoints.lambda,
    AWS_ENDPOINT_URL_ATHENA: endpoints.athena,
    AWS_ENDPOINT_URL_GLUE: endpoints.glue,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: endpoints.secretsManager,
    AWS_ENDPOINT_URL_SESV2: endpoints.ses,
    AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: endpoints.userPools,
  };
}
