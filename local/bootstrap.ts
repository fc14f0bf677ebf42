import path from 'node:path';
import type { LinkDomain } from '#schemas/settings/link-domains.ts';
import { type StackOutputs, stackOutputNames } from '#schemas/stack-outputs.ts';
import type { Outbox } from './aws/outbox.ts';
import { createSecretStore, type SecretStore } from './aws/secrets.ts';
import { type Backends, startBackends } from './backends/backends.ts';
import { findDynoxide } from './backends/dynoxide.ts';
import type { ServiceFaults } from './fault-injection/service-faults.ts';
import { type Access, createAccess } from './iam/access.ts';
import { createIssuer, type Issuer } from './identity/issuer.ts';
import { createUserPoolAccounts, type UserPoolAccounts } from './identity/user-pool.ts';
import { projectRoot, synthesize } from './synthesize.ts';
import { readAssembly } from './template/assembly.ts';
import { interpret } from './template/interpret.ts';
import { UnsupportedTemplate } from './template/intrinsics.ts';
import type { StackModel } from './template/model.ts';
import { localRegion } from './template/names.ts';

/** The interpreted stack, and the services that hold its state. */
export interface Bootstrapped {
  model: StackModel;
  outputs: StackOutputs;
  backends: Backends;
  /** The roles of the functions. */
  access: Access;
  secrets: SecretStore;
  issuer: Issuer;
  accounts: UserPoolAccounts;
}

/** An entry of the setting `linkDomains`, such as `demo.localhost`. */
export type LocalDomain = Pick<LinkDomain, 'name'> & Partial<LinkDomain>;

export interface BootstrapOptions {
  dataDirectory: string;
  /** URL of the edge. */
  url: string;
  allowReplay: boolean;
  linkDomains: readonly LocalDomain[];
  synthesisDirectory: string | undefined;
  outbox: Outbox;
  serviceFaults: ServiceFaults;
  /** Receives each step that takes time. */
  progress: (step: string) => void;
  /** Receives the message of each call that a role does not allow. */
  denied: (message: string) => void;
  cleanup: AsyncDisposableStack;
}

/**
 * Synthesizes and interprets the stack, and starts DynamoDB, SQS and S3.
 *
 * @throws {SynthesisFailed}
 * @throws {BackendUnavailable}
 * @throws {UnsupportedTemplate}
 */
export async function bootstrap(options: BootstrapOptions): Promise<Bootstrapped> {
  const { dataDirectory, url, allowReplay, linkDomains } = options;
  const synthesisDirectory = options.synthesisDirectory ?? path.join(projectRoot, '.local', 'synthesis');
  const [assembly, services] = await Promise.allSettled([
    synthesize(synthesisDirectory, { allowReplay, linkDomains }, () =>
      options.progress('Building the functions and the dashboard, because their sources are new or have changed…'),
    ),
    startServices(options),
  ]);
  // Wait for both: after a failed synthesis, no service may still be starting.
  if (assembly.status === 'rejected') throw assembly.reason;
  if (services.status === 'rejected') throw services.reason;
  const backends = services.value;
  const issuerUrl = `${url}/_local/oidc`;
  const secrets = createSecretStore(path.join(dataDirectory, 'secrets.json'));
  const model = interpret(readAssembly(assembly.value), {
    addresses: { queues: backends.gateUrl, edge: url, issuer: issuerUrl },
    secretValue: secrets.valueOf,
  });
  for (const secret of model.secrets) secrets.valueOf(secret);
  const access = createAccess({ ...model, denied: options.denied });
  const outputs = outputsOf(model);
  const keysFile = path.join(dataDirectory, 'issuer-keys.json');
  const accounts = createUserPoolAccounts({
    model: model.userPools[0],
    file: path.join(dataDirectory, 'user-pool.json'),
    outbox: options.outbox,
    now: Date.now,
  });
  const issuer = await createIssuer({ url: issuerUrl, audience: outputs.IdentityAudience, keysFile, accounts });
  return { model, outputs, backends, access, secrets, issuer, accounts };
}

async function startServices({
  dataDirectory,
  progress,
  cleanup,
  serviceFaults,
  denied,
}: BootstrapOptions): Promise<Backends> {
  progress('Starting DynamoDB, SQS and S3…');
  const backends = await startBackends({
    dataDirectory: path.join(dataDirectory, 'aws'),
    region: localRegion,
    dynoxide: findDynoxide(),
    serviceFaults,
    denied,
  });
  cleanup.defer(backends.stop);
  return backends;
}

/** @throws {UnsupportedTemplate} naming the missing outputs */
function outputsOf({ outputs }: StackModel): StackOutputs {
  const missing = stackOutputNames.filter((name) => outputs[name] === undefined);
  if (missing.length > 0) throw new UnsupportedTemplate(`the template is missing the outputs ${missing.join(', ')}`);
  return Object.assign({}, ...stackOutputNames.map((name) => ({ [name]: outputs[name] })));
}
