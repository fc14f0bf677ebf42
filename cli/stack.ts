import { describeSchemaError } from '#core/field-error.ts';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { OwnLinks } from '#core/links/destination.ts';
import { type Addresses, listOwnHosts, parseLinkDomains } from '#schemas/settings/link-domains.ts';
import { type StackOutputs, stackOutputNames } from '#schemas/stack-outputs.ts';
import type { Terminal } from './command.ts';
import { CommandFailed } from './errors.ts';

/** AWS services that the local stack simulates. */
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

/** Options of an AWS SDK client. Without an endpoint, it uses AWS and the credentials of the shell. */
export interface ClientOptions {
  region: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
}

export interface Stack {
  readonly name: string;
  readonly local: boolean;
  /** Public URL, without a trailing slash. */
  readonly url: string;
  readonly region: string;
  /** Whether its edge accepts `x-replay-time` and `x-replay-ip`. */
  readonly allowReplay: boolean;
  readonly outputs: StackOutputs;
  clientOptions(service: Service): ClientOptions;
}

/** @throws {CommandFailed} if there is no such stack */
export function findStack(name: string, terminal: Pick<Terminal, 'environment'>): Promise<Stack> {
  return name === 'local' ? findLocal(terminal.environment) : findDeployed(name, terminal.environment);
}

/** Returns where the stack and its links are. */
export function addressesOf({ url, outputs }: Stack): Addresses {
  return { publicUrl: url, domains: parseLinkDomains(outputs.LinkDomains) };
}

/** Returns how links of the stack are recognized. */
export function ownLinksOf(stack: Stack): OwnLinks {
  return { ownHosts: listOwnHosts(addressesOf(stack)), ignoreCase: stack.outputs.IgnoreCase === 'true' };
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
      `${file} was written by another version (${describeSchemaError(parsed.error)}); run \`npm start\` again`,
    );
  const { url, endpoints, ...stack } = parsed.data;
  return {
    ...stack,
    name: 'local',
    local: true,
    url: url.replace(/\/+$/, ''),
    clientOptions: (service) => {
      const endpoint = endpoints[service];
      if (!endpoint)
        throw new CommandFailed(`the local stack has no endpoint for ${service} in ${file}; run \`npm start\` again`);
      return { region: stack.region, endpoint, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
    },
  };
}

/** Returns the data folder of the local stack. */
export function localFolder(environment: Terminal['environment']): string {
  return path.resolve(environment['HOPCOUNT_DATA'] ?? '.local');
}

async function readLocalFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new CommandFailed(
      `no local stack found at ${file}; start it with \`npm start\`, or name a deployed stack with --stack`,
      { cause },
    );
  }
}

async function findDeployed(name: string, environment: Terminal['environment']): Promise<Stack> {
  const region = environment['AWS_REGION'] ?? environment['AWS_DEFAULT_REGION'];
  if (!region)
    throw new CommandFailed(`\`--stack\` is \`${name}\`, but AWS_REGION is not set; set it to the region of the stack`);
  const parsed = outputsSchema.safeParse(await describeOutputs(name, region));
  if (!parsed.success)
    throw new CommandFailed(
      `\`${name}\` is not a Hopcount stack of this version (${describeSchemaError(parsed.error)})`,
    );
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

/** Reads the outputs from CloudFormation. Loads the SDK client here because local commands don't need it. */
async function describeOutputs(name: string, region: string): Promise<Record<string, string>> {
  const { CloudFormationClient, DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation');
  const client = new CloudFormationClient({ region });
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    const outputs = Stacks?.[0]?.Outputs ?? [];
    return Object.fromEntries(outputs.map(({ OutputKey, OutputValue }) => [OutputKey ?? '', OutputValue ?? '']));
  } catch (cause) {
    throw new CommandFailed(
      `cannot read the stack \`${name}\` in ${region}; check the name, AWS_REGION and the credentials of your shell`,
      { cause },
    );
  } finally {
    client.destroy();
  }
}
