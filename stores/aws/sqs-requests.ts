import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpRequest } from '@smithy/core/protocols';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { SignatureV4 } from '@smithy/signature-v4';
import type { AwsCredentialIdentity, SourceData } from '@smithy/types';

/** Sends one request to SQS and returns its response. Rejects with the error's code in `name`. */
export type SqsRequests = (action: string, input: object, signal: AbortSignal) => Promise<Record<string, unknown>>;

export interface SqsRequestsOptions {
  /** URL of the service, for example `https://sqs.eu-central-1.amazonaws.com`. */
  endpoint: string;
  region: string;
  credentials: AwsCredentialIdentity;
  /** Attempts for one request. @default 3 */
  maxAttempts?: number;
}

/**
 * Creates the edge's client of SQS: the SDK's signer and HTTP handler without its middleware, which costs half of the CPU
 * time of a click. Like the SDK, it retries throttling, faults of the service and of the network.
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html
 */
export function createSqsRequests(options: SqsRequestsOptions): SqsRequests {
  const { endpoint, region, credentials, maxAttempts = 3 } = options;
  const { protocol, hostname, port, host } = new URL(endpoint);
  const signer = new SignatureV4({ service: 'sqs', region, credentials, sha256: Sha256 });
  // Without `throwOnRequestTimeout`, the handler only logs a warning.
  const handler = new NodeHttpHandler({ connectionTimeout: 500, requestTimeout: 1_200, throwOnRequestTimeout: true });

  async function attempt(action: string, body: string, abortSignal: AbortSignal): Promise<Record<string, unknown>> {
    const request = new HttpRequest({
      method: 'POST',
      protocol,
      hostname,
      ...(port === '' ? {} : { port: Number(port) }),
      path: '/',
      query: {},
      headers: {
        host,
        'content-type': 'application/x-amz-json-1.0',
        'content-length': String(Buffer.byteLength(body)),
        'x-amz-target': `AmazonSQS.${action}`,
      },
      body,
    });
    const signed = await signer.sign(request);
    const { response } = await handler.handle(new HttpRequest(signed), { abortSignal });
    const output = await readObject(response.body);
    if (response.statusCode === 200) return output;
    throw new SqsRequestFailed(response.statusCode, output);
  }

  return async (action, input, signal) => {
    const body = JSON.stringify(input);
    for (let attempts = 1; ; attempts += 1)
      try {
        return await attempt(action, body, signal);
      } catch (error) {
        if (attempts >= maxAttempts || signal.aborted || !canRetry(error)) throw error;
        await sleep(Math.random() * firstDelayMs * 2 ** attempts, undefined, { signal });
      }
  };
}

/** Reads the settings that Lambda gives each function. */
export function readSqsSettings(queueUrl: string, environment: NodeJS.ProcessEnv): SqsRequestsOptions {
  const { AWS_ENDPOINT_URL_SQS, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = environment;
  return {
    endpoint: AWS_ENDPOINT_URL_SQS ?? new URL(queueUrl).origin,
    region: AWS_REGION ?? '',
    credentials: {
      accessKeyId: AWS_ACCESS_KEY_ID ?? '',
      secretAccessKey: AWS_SECRET_ACCESS_KEY ?? '',
      ...(AWS_SESSION_TOKEN === undefined ? {} : { sessionToken: AWS_SESSION_TOKEN }),
    },
  };
}

/** The hash that the signer asks for: with a secret it is an HMAC. */
class Sha256 {
  private readonly hash: Hash | Hmac;

  constructor(secret?: SourceData) {
    this.hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toBytes(secret));
  }

  update(data: SourceData): void {
    this.hash.update(toBytes(data));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.hash.digest());
  }

  reset(): void {}
}

function toBytes(data: SourceData): string | Uint8Array {
  if (typeof data === 'string') return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/** The code stands in `__type`, behind a namespace and `#`. */
class SqsRequestFailed extends Error {
  readonly status: number;

  constructor(status: number, { __type: type, message }: Record<string, unknown>) {
    super(typeof message === 'string' ? message : `status ${status}`);
    this.status = status;
    this.name = typeof type === 'string' ? type.slice(type.lastIndexOf('#') + 1) : 'SqsRequestFailed';
  }
}

/** Half a second at most before the third attempt. */
const firstDelayMs = 50;
const throttled = /throttl/i;

/** Errors of the network and timeouts are no response of SQS. */
function canRetry(error: unknown): boolean {
  return (
    !(error instanceof SqsRequestFailed) || error.status >= 500 || error.status === 429 || throttled.test(error.name)
  );
}

async function readObject(body: NodeJS.ReadableStream): Promise<Record<string, unknown>> {
  const value: unknown = await json(body).catch(() => undefined);
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
