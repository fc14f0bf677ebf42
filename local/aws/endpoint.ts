import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { ZodError } from 'zod';
import { AwsJsonError } from '../athena/errors.ts';
import type { Access, FindDenial } from '../iam/access.ts';
import type { Call } from '../iam/policy.ts';
import { invocationCall, readMailCalls, readServiceCalls } from '../iam/service-calls.ts';
import type { SenderModel } from '../template/model.ts';
import type { Functions } from '../functions/functions.ts';
import type { FaultService, ServiceFaults } from '../fault-injection/service-faults.ts';
import type { JsonService } from './json-services.ts';
import { type Listening, listenLocally } from './listen.ts';
import { parseMail, type Outbox } from './outbox.ts';
import type { ErrorFate } from './service-gate.ts';

export interface EndpointOptions {
  /** By the part of `X-Amz-Target` before the dot: `AmazonAthena`. */
  services: Readonly<Record<string, JsonService>>;
  /** Called when a request arrives, because the functions start later. */
  functions: () => Pick<Functions, 'invoke' | 'invokeAsync'>;
  outbox: Outbox;
  serviceFaults: ServiceFaults;
  access: Access;
  senders: readonly SenderModel[];
  /** Returns the work group of a query execution. */
  workGroupOf: (executionId: string) => string | undefined;
  now: () => number;
}

/** Closes the connection without a response. */
class Dropped extends Error {
  override readonly name = 'Dropped';
}

interface ServiceResponse {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

/** Serves the AWS services that we implement on one loopback port: Athena, Glue, Logs, Secrets Manager, Cognito, Lambda and SES. */
export async function startAwsEndpoint(options: EndpointOptions): Promise<Listening> {
  async function route(incoming: IncomingMessage, gone: AbortSignal): Promise<ServiceResponse> {
    const input = await readJson(incoming);
    const denial = options.access.findDenial(incoming, readCalls(incoming, input, options));
    if (denial !== undefined) return denialResponse(incoming, denial);
    await applyServiceFault(incoming, options.serviceFaults, gone);
    const target = incoming.headers['x-amz-target'];
    if (typeof target === 'string')
      return callService({ target, services: options.services, input }, (calls) =>
        options.access.findDenial(incoming, calls),
      );
    const name = invocationPath.exec(incoming.url ?? '')?.[1];
    if (name !== undefined) {
      const type = String(incoming.headers['x-amz-invocation-type'] ?? 'RequestResponse');
      return callLambda({ name: decodeURIComponent(name), event: input, type }, options.functions());
    }
    if (incoming.url?.startsWith(mailPath)) {
      const id = randomUUID();
      options.outbox.add(parseMail(input, id, options.now()));
      return { status: 200, body: { MessageId: id } };
    }
    throw new AwsJsonError(
      'UnknownOperationException',
      `${incoming.method} ${incoming.url} is not supported by the local stack`,
    );
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    const response = await route(incoming, gone.signal).catch((cause: unknown) =>
      cause instanceof Dropped ? undefined : toErrorResponse(cause),
    );
    if (response === undefined) return void outgoing.destroy();
    const { status, headers, body } = response;
    const text = body === undefined ? '' : JSON.stringify(body);
    outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', ...headers }).end(text);
  }

  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  return listenLocally(server);
}

const mailPath = '/v2/email/outbound-emails';

const invocationPath = /^\/2015-03-31\/functions\/([^/]+)\/invocations/;

async function readJson(incoming: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) if (Buffer.isBuffer(chunk)) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : JSON.parse(text);
}

function readCalls(incoming: IncomingMessage, input: unknown, { senders, workGroupOf }: EndpointOptions): Call[] {
  const target = incoming.headers['x-amz-target'];
  if (typeof target === 'string') return readServiceCalls(target, input, workGroupOf);
  const name = invocationPath.exec(incoming.url ?? '')?.[1];
  if (name !== undefined) return [invocationCall(decodeURIComponent(name))];
  return incoming.url?.startsWith(mailPath) ? readMailCalls(input, senders) : [];
}

/** Services with an `X-Amz-Target` respond 400; the REST services, Lambda and SES, respond 403. */
function denialResponse({ headers }: IncomingMessage, message: string): ServiceResponse {
  const type = 'AccessDeniedException';
  const status = headers['x-amz-target'] === undefined ? 403 : 400;
  return { status, headers: { 'x-amzn-errortype': type }, body: { __type: type, message, Message: message } };
}

type EndpointService = Extract<FaultService, 'athena' | 'mail' | 'sign-in'>;

function readService(incoming: IncomingMessage): EndpointService | undefined {
  const target = String(incoming.headers['x-amz-target']);
  if (target.startsWith('AmazonAthena.')) return 'athena';
  if (target.startsWith('AWSCognitoIdentityProviderService.')) return 'sign-in';
  return incoming.url?.startsWith(mailPath) ? 'mail' : undefined;
}

/** AWS's error messages: type and message. */
const errors: Readonly<Record<EndpointService, Record<ErrorFate, readonly [type: string, message: string]>>> = {
  athena: {
    failing: ['InternalServerException', 'Internal server error'],
    throttled: ['TooManyRequestsException', 'You have exceeded the limit for the number of queries.'],
  },
  mail: {
    failing: ['InternalServiceErrorException', 'Internal service error'],
    throttled: ['TooManyRequestsException', 'Too many requests'],
  },
  'sign-in': {
    failing: ['InternalErrorException', 'Internal error'],
    throttled: ['TooManyRequestsException', 'Too many requests'],
  },
};

/** Applies the injected fault. @throws {AwsJsonError} @throws {Dropped} */
async function applyServiceFault(
  incoming: IncomingMessage,
  serviceFaults: ServiceFaults,
  gone: AbortSignal,
): Promise<void> {
  const service = readService(incoming);
  if (service === undefined) return;
  const fate = await serviceFaults.meet([service], gone);
  switch (fate) {
    case 'pass':
      return;
    case 'dropped':
      throw new Dropped(`the ${service} service does not respond`);
    case 'failing':
    case 'throttled':
      throw new AwsJsonError(...errors[service][fate]);
    default:
      fate satisfies never;
  }
}

async function callService(
  { target, services, input }: { target: string; services: EndpointOptions['services']; input: unknown },
  findDenial: FindDenial,
): Promise<ServiceResponse> {
  const dot = target.lastIndexOf('.');
  const service = services[target.slice(0, dot)];
  if (!service) throw new AwsJsonError('UnknownOperationException', `${target} is not supported by the local stack`);
  return { status: 200, body: await service(target.slice(dot + 1), input, findDenial) };
}

async function callLambda(
  { name, event, type }: { name: string; event: unknown; type: string },
  { invoke, invokeAsync }: ReturnType<EndpointOptions['functions']>,
): Promise<ServiceResponse> {
  // `arn:aws:lambda:…:function:name`, or the name.
  const functionName = /:function:([^:]+)/.exec(name)?.[1] ?? name;
  if (type === 'Event') {
    invokeAsync(functionName, event);
    return { status: 202, body: undefined };
  }
  const invocation = await invoke(functionName, event);
  const version = { 'x-amz-executed-version': '$LATEST' };
  return invocation.kind === 'done'
    ? { status: 200, headers: version, body: invocation.result ?? null }
    : { status: 200, headers: { ...version, 'x-amz-function-error': 'Unhandled' }, body: invocation.error };
}

function toErrorResponse(cause: unknown): ServiceResponse {
  const type =
    cause instanceof AwsJsonError
      ? cause.__type
      : cause instanceof ZodError
        ? 'ValidationException'
        : 'InternalFailure';
  const status = type.startsWith('Internal') ? 500 : 400;
  const message = cause instanceof Error ? cause.message : String(cause);
  return { status, headers: { 'x-amzn-errortype': type }, body: { __type: type, message, Message: message } };
}
