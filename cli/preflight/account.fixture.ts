import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { parseConfiguration } from '#lib/configuration.ts';
import { listenLocally } from '#local/aws/listen.ts';
import { evaluateAccount } from './findings.ts';
import { type Account, readAccount } from './read-account.ts';
import type { Dns } from './read-domain.ts';

export interface Response {
  status?: number;
  body: string;
}
export type Responses = Readonly<Record<string, Response>>;

export const account = '123456789012';
export const certificateArn = `arn:aws:acm:us-east-1:${account}:certificate/0f5b3f5e-1111-2222-3333-444455556666`;
export const everything = {
  alarmEmail: 'owner@example.com',
  monthlyBudget: 50,
  senderAddress: 'links@example.com',
  domainName: 'go.example.com',
  certificateArn,
  managedWebAcl: true,
};

export function json(value: unknown, status = 200): Response {
  return { status, body: JSON.stringify(value) };
}

export function xml(name: string, content: string, status = 200): Response {
  return { status, body: `<?xml version="1.0"?><${name}>${content}</${name}>` };
}

export function stackIn(status: string): Response {
  return xml(
    'DescribeStacksResponse',
    `<DescribeStacksResult><Stacks><member><StackName>Hopcount</StackName><StackStatus>${status}</StackStatus></member></Stacks></DescribeStacksResult>`,
  );
}

export function capacity(limit: number, unreserved: number): Response {
  return json({ AccountLimit: { ConcurrentExecutions: limit, UnreservedConcurrentExecutions: unreserved } });
}

export function list(name: string, items: string, marker = ''): Response {
  return xml(name, `<MaxItems>100</MaxItems><Quantity>1</Quantity>${marker}<Items>${items}</Items>`);
}

export function distribution(id: string, comment: string, alias: string): string {
  return `<DistributionSummary><Id>${id}</Id><Comment>${comment}</Comment><Aliases><Quantity>1</Quantity><Items><CNAME>${alias}</CNAME></Items></Aliases></DistributionSummary>`;
}

/**
 * Responses of an account that is ready and has no stack yet, in the shapes of the API references: by the operation of an
 * AWS JSON or query service, or by the path of a REST service.
 */
export const ready: Responses = {
  GetCallerIdentity: xml(
    'GetCallerIdentityResponse',
    `<GetCallerIdentityResult><Arn>arn:aws:iam::${account}:user/ada</Arn><UserId>AIDA</UserId><Account>${account}</Account></GetCallerIdentityResult>`,
  ),
  'AmazonSSM.GetParameter': json({
    Parameter: { Name: '/cdk-bootstrap/hnb659fds/version', Type: 'String', Value: '30' },
  }),
  DescribeStacks: xml(
    'ErrorResponse',
    '<Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id Hopcount does not exist</Message></Error>',
    400,
  ),
  '/2016-08-19/account-settings': capacity(1000, 1000),
  '/v2/email/account': json({ ProductionAccessEnabled: true, SendingEnabled: true, EnforcementStatus: 'HEALTHY' }),
  '/v2/email/identities/links@example.com': json(
    { __type: 'NotFoundException', message: 'Email identity not found' },
    404,
  ),
  'CertificateManager.DescribeCertificate': json({
    Certificate: {
      CertificateArn: certificateArn,
      DomainName: 'example.com',
      SubjectAlternativeNames: ['*.example.com'],
      Status: 'ISSUED',
    },
  }),
  '/2020-05-31/distribution': list('DistributionList', distribution('E1', 'another site', 'www.example.com')),
  '/2020-05-31/origin-access-control': list('OriginAccessControlList', ''),
  '/2020-05-31/origin-request-policy': list('OriginRequestPolicyList', ''),
  '/2020-05-31/cache-policy': list('CachePolicyList', ''),
  '/2020-05-31/response-headers-policy': list('ResponseHeadersPolicyList', ''),
  'DynamoDB_20120810.ListTables': json({ TableNames: ['Orders'] }),
  '/': xml('ListAllMyBucketsResult', '<Buckets></Buckets>'),
  'AWSGlue.GetDatabase': json({ __type: 'EntityNotFoundException', Message: 'Database hopcount not found.' }, 400),
  'AmazonAthena.GetWorkGroup': json({ __type: 'InvalidRequestException', Message: 'WorkGroup is not found.' }, 400),
  'AWSInsightsIndexService.ListCostAllocationTags': json({
    CostAllocationTags: [{ TagKey: 'hopcount-stack', Type: 'UserDefined', Status: 'Active' }],
  }),
};

/** A resolver that knows nothing. */
const silentDns: Dns = { resolveCaa: unknownName, resolveNs: unknownName };

function unknownName(): Promise<never> {
  return Promise.reject(Object.assign(new Error('queryNs ENOTFOUND'), { code: 'ENOTFOUND' }));
}

/** Serves AWS's responses over HTTP, and reads the account through the SDK. */
export async function readFrom(
  responses: Responses,
  settings: Record<string, unknown> = everything,
  dns: Dns = silentDns,
): Promise<Account> {
  const server = await listenLocally(
    createServer((incoming, outgoing) => {
      void operationOf(incoming).then((operation) => {
        const { status = 200, body } = responses[operation] ?? { status: 500, body: `no response to ${operation}` };
        const type = /"__type":"(\w+)"/.exec(body)?.[1];
        outgoing.writeHead(status, {
          'content-type': body.startsWith('{') ? 'application/json' : 'text/xml',
          ...(type ? { 'x-amzn-errortype': type } : {}),
        });
        outgoing.end(body);
      });
    }),
  );
  onTestFinished(server.stop);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return readAccount(parseConfiguration(settings), 'eu-central-1', { endpoint: server.url, credentials, dns });
}

async function operationOf(incoming: IncomingMessage): Promise<string> {
  const target = incoming.headers['x-amz-target'];
  const body = await text(incoming);
  return String(
    target ?? new URLSearchParams(body).get('Action') ?? decodeURIComponent((incoming.url ?? '').split('?')[0] ?? ''),
  );
}

/** Returns the findings that are not ok, as `state check: found`. */
export async function problemsOf(
  responses: Responses,
  settings: Record<string, unknown> = everything,
  dns: Dns = silentDns,
): Promise<string[]> {
  const found = evaluateAccount(parseConfiguration(settings), await readFrom(responses, settings, dns));
  return found.filter(({ state }) => state !== 'ok').map(({ state, check, found }) => `${state} ${check}: ${found}`);
}
