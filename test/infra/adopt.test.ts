import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { importIdentifiers } from '#cli/preflight/kept-resources.ts';
import { listenLocally } from '#local/aws/listen.ts';
import { type Resource, synthesize, writeAssembly } from './synthesize.ts';
import { variants } from './variants.ts';

type Resources = Readonly<Record<string, Resource>>;

function keptOf(resources: Resources): Resources {
  return Object.fromEntries(
    Object.entries(resources).filter(([, { DeletionPolicy = 'Delete' }]) => DeletionPolicy !== 'Delete'),
  );
}

/** Logical ids that a part of a template refers to, but for those of AWS itself. */
function referencesIn(part: unknown): string[] {
  if (Array.isArray(part)) return part.flatMap(referencesIn);
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([key, value]: [string, unknown]) => {
    if (key === 'Ref' || key === 'Fn::GetAtt') return [String(Array.isArray(value) ? value[0] : value)];
    if (key === 'Fn::Sub') throw new Error('this does not read Fn::Sub');
    return referencesIn(value);
  });
}

const registered = readRegistry();

describe.each(Object.entries(variants))('what a stack %s keeps', (_name, settings) => {
  const whole = keptOf(synthesize(settings).template.Resources);
  const adopted = keptOf(synthesize({ ...settings, adopt: true }).template.Resources);

  it('is the same while it is imported, but for what the deployment adds afterwards', () => {
    function withoutLater(resources: Resources): Resources {
      const later = { NotificationConfiguration: undefined, AdminCreateUserConfig: undefined };
      return Object.fromEntries(
        Object.entries(resources).map(([id, resource]) => {
          return [id, { ...resource, DependsOn: [], Properties: { ...resource.Properties, ...later } }];
        }),
      );
    }
    expect(withoutLater(adopted)).toEqual(withoutLater(whole));
  });

  it('refers to nothing else, so that it can be imported before the rest exists', () => {
    const others = Object.entries(adopted).flatMap(([id, { Properties, DependsOn }]) =>
      [...referencesIn(Properties), ...DependsOn]
        .filter((other) => !(other in adopted) && !other.startsWith('AWS::'))
        .map((other) => `${id} → ${other}`),
    );
    expect(others).toEqual([]);
  });

  it('has an identifier for the import, as the registry of CloudFormation names it', () => {
    for (const type of new Set(Object.values(adopted).map(({ Type }) => Type))) {
      const identifier = importIdentifiers[type]?.('id', { account: '123456789012', database: 'hopcount' });
      expect(Object.keys(identifier ?? {}), type).toEqual(registered.get(type));
    }
  });
});

/** Returns the primary identifier of each resource type, from the specification that the CDK CLI comes with. */
function readRegistry(): ReadonlyMap<string, readonly string[] | undefined> {
  const file = path.join(import.meta.dirname, '../../node_modules/aws-cdk/db.json.gz');
  const resource = z.object({ cloudFormationType: z.string(), primaryIdentifier: z.array(z.string()).optional() });
  const database = z.object({ schema: z.object({ resource: z.object({ entities: z.array(resource) }) }) });
  const { schema } = database.parse(JSON.parse(gunzipSync(readFileSync(file)).toString()));
  return new Map(
    schema.resource.entities.map(({ cloudFormationType, primaryIdentifier }) => [
      cloudFormationType,
      primaryIdentifier,
    ]),
  );
}

const account = '123456789012';
const stackId = `arn:aws:cloudformation:eu-central-1:${account}:stack/Hopcount/0f5b3f5e-1111-2222-3333-444455556666`;

it('the import of the CDK CLI holds exactly what the removed stack has kept', async () => {
  const assembly = writeAssembly({ adopt: true });
  onTestFinished(() => rmSync(assembly, { recursive: true }));
  const kept = keptOf(synthesize().template.Resources);
  const request = await captureImport(assembly, kept);
  expect(Object.fromEntries(request)).toMatchObject({ ChangeSetType: 'IMPORT', StackName: 'Hopcount' });
  // YAML, of which an import needs no more than these lines: sections, resources, and what is kept.
  const template = request.get('TemplateBody') ?? '';
  expect(template.match(/^\w.*$/gm)).toEqual(['Resources:']);
  const resources = [...template.matchAll(/^ {2}(\w+):$/gm)].map(([, id]) => id);
  expect(resources.toSorted()).toEqual(Object.keys(kept).sort());
  expect(template.match(/^ {4}DeletionPolicy: Retain/gm)).toHaveLength(resources.length);
  const imported = [...request].filter(([name]) => /^ResourcesToImport\.member\.\d+\.LogicalResourceId$/.test(name));
  expect(imported.map(([, id]) => id).sort()).toEqual(Object.keys(kept).sort());
});

/** Runs `npm run deploy -- --adopt` where CloudFormation refuses the change set, and returns the request for it. */
async function captureImport(assembly: string, kept: Resources): Promise<URLSearchParams> {
  let captured = new URLSearchParams();
  const server = await listenLocally(
    createServer((incoming, outgoing) => {
      void readForm(incoming).then((form) => {
        if (form.get('Action') === 'CreateChangeSet') captured = form;
        const { status, body } = respond(form, incoming, kept);
        outgoing.writeHead(status, { 'content-type': body.startsWith('{') ? 'application/json' : 'text/xml' });
        outgoing.end(body);
      });
    }),
  );
  onTestFinished(server.stop);
  const child = spawn('npm', ['run', '-s', 'deploy', '--', '--adopt', stackId, '--app', assembly], {
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: server.url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'eu-central-1',
    },
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  expect(child.exitCode, output + errors).toBe(1);
  expect(output + errors).toContain('refused by the test');
  return captured;
}

async function readForm(incoming: IncomingMessage): Promise<URLSearchParams> {
  return new URLSearchParams(await text(incoming));
}

interface Response {
  status: number;
  body: string;
}

function xml(action: string, result: string): Response {
  return { status: 200, body: `<${action}Response><${action}Result>${result}</${action}Result></${action}Response>` };
}

function failure(code: string, message: string): Response {
  return {
    status: 400,
    body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  };
}

/** An account that is bootstrapped, and has nothing but what the stack kept. */
function respond(form: URLSearchParams, { headers }: IncomingMessage, kept: Resources): Response {
  const action = form.get('Action') ?? '';
  switch (action) {
    case 'GetCallerIdentity':
      return xml(
        action,
        `<Arn>arn:aws:iam::${account}:user/ada</Arn><UserId>AIDA</UserId><Account>${account}</Account>`,
      );
    case 'AssumeRole':
      return xml(
        action,
        '<Credentials><AccessKeyId>role</AccessKeyId><SecretAccessKey>role</SecretAccessKey><SessionToken>role</SessionToken><Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>',
      );
    case 'DescribeStacks':
    case 'GetTemplate':
      return failure('ValidationError', 'Stack with id Hopcount does not exist');
    case 'DescribeType':
      return xml(action, '<Type>RESOURCE</Type><ProvisioningType>FULLY_MUTABLE</ProvisioningType>');
    case 'ListStackResources':
      return xml(action, `<StackResourceSummaries>${listKept(kept)}</StackResourceSummaries>`);
    case 'CreateChangeSet':
      return failure('ValidationError', 'refused by the test');
    default:
      return headers['x-amz-target'] === 'AmazonSSM.GetParameter'
        ? { status: 200, body: JSON.stringify({ Parameter: { Type: 'String', Value: '30' } }) }
        : { status: 400, body: JSON.stringify({ __type: 'AccessDeniedException' }) };
  }
}

function listKept(kept: Resources): string {
  const rows = Object.entries(kept).map(([id, { Type }]) => [id, Type, 'DELETE_SKIPPED'] as const);
  return [...rows, ['EdgeDistribution0060737B', 'AWS::CloudFront::Distribution', 'DELETE_COMPLETE'] as const]
    .map(
      ([id, type, status]) =>
        `<member><LogicalResourceId>${id}</LogicalResourceId><PhysicalResourceId>the-${id}</PhysicalResourceId><ResourceType>${type}</ResourceType><ResourceStatus>${status}</ResourceStatus><LastUpdatedTimestamp>2026-01-01T00:00:00Z</LastUpdatedTimestamp></member>`,
    )
    .join('');
}
