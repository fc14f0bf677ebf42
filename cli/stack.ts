import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type StackOutputs, stackOutputNames } from '#schemas/stack-outputs.ts';
import type { Terminal } from './command.ts';
import { CommandFailed } from './errors.ts';

/** AWS services that the local stack offers on this machine. */
const services = [
  'dynamodb',
  'sqs',
  's3',
  'logs',
  'lambda',
  'athena',
  'glue',
  'secretsManager',
  'ses',
  'userPools',
] as const;
export type Service = (typeof services)[number];

/** What every AWS SDK client takes. Without an endpoint it is AWS's own, with the shell's credentials. */
export interface ClientOptions {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

export interface Stack {
  readonly name: string;
  readonly local: boolean;
  /** Where viewers reach it, without a slash at the end. */
  readonly url: string;
  readonly region: string;
  /** Whether its edge believes `x-replay-time` and `x-replay-ip`. */
  readonly allowReplay: boolean;
  readonly outputs: StackOutputs;
  clientOptions(service: Service): ClientOptions;
}

/** @throws {CommandFailed} when there is no such stack, saying how to start or name one */
export function findStack(name: string, terminal: Pick<Terminal, 'environment'>): Promise<Stack> {
  return name === 'local' ? findLocal(terminal.environment) : findDeployed(name, terminal.environment);
}

const outputsSchema = z.object(
  Object.fromEntries(stackOutputNames.map((name) => [name, z.string()])) as Record<keyof StackOutputs, z.ZodString>,
);

const localStackSchema = z.object({
  url: z.url(),
  region: z.string(),
  allowReplay: z.boolean(),
  outputs: outputsSchema,
  endpoints: z.partialRecord(z.enum(services), z.string()),
});

async function findLocal(environment: Terminal['environment']): Promise<Stack> {
  const file = path.join(localFolder(environment), 'stack.json');
  const parsed = localStackSchema.safeParse(JSON.parse(await readLocalFile(file)));
  if (!parsed.success)
    throw new CommandFailed(
      `${file} is not of this version (${describeIssues(parsed.error)}); run \`npm start\` again`,
    );
  const { url, endpoints, ...stack } = parsed.data;
  return {
    ...stack,
    name: 'local',
    local: true,
    url: url.replace(/\/+$/, ''),
    clientOptions: (service) => {
      const endpoint = endpoints[service];
      if (!endpoint) throw new CommandFailed(`the local stack has no ${service}; ${file} names no endpoint for it`);
      return { region: stack.region, endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
    },
  };
}

/** Folder of the local stack's state. */
export function localFolder(environment: Terminal['environment']): string {
  return path.resolve(environment['HOPCOUNT_DATA'] ?? '.local');
}

async function readLocalFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CommandFailed(
      `there is no local stack at ${file}; start it with \`npm start\`, or name a deployed one with --stack`,
      { cause },
    );
  }
}

function describeIssues(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ');
}

async function findDeployed(name: string, environment: Terminal['environment']): Promise<Stack> {
  const region = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];
  if (!region) throw new CommandFailed(`--stack is "${name}"; set AWS_REGION to the region it is deployed in`);
  const parsed = outputsSchema.safeParse(await describeOutputs(name, region));
  if (!parsed.success)
    throw new CommandFailed(`"${name}" is no Hopcount stack of this version (${describeIssues(parsed.error)})`);
  return {
    name,
    local: false,
    url: parsed.data.Url.replace(/\/+$/, ''),
    region,
    allowReplay: false,
    outputs: parsed.data,
    clientOptions: () => ({ region }),
  };
}

/** Outputs by CloudFormation; the SDK client is loaded only when a deployed stack is asked for. */
async function describeOutputs(name: string, region: string): Promise<Record<string, string>> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient({ region });
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const outputs = Stacks?.[0]?.Outputs ?? [];
    return Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']));
  } catch (cause) {
    throw new CommandFailed(
      `--stack is "${name}"; CloudFormation in ${region} did not describe it; check the name, AWS_REGION and the credentials of this shell`,
      { cause },
    );
  } finally {
    client.destroy();
  }
}
