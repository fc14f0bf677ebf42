import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

/** One invocation as the Runtime API sees it. Times are milliseconds of `performance.now()`. */
export interface Invocation {
  /** Headers of the function's response. */
  headers: IncomingMessage['headers'];
  /** Of the HTTP integration: status, headers and cookies. Undefined if the body does not start with it. */
  metadata: unknown;
  body: string;
  /** Set if the stream ended with an error. */
  trailers: NodeJS.Dict<string>;
  /** When the last byte of the response arrived. */
  respondedAt: number;
  /** When the environment asked for its next event. Lambda may freeze it from then on. */
  nextAt: number;
}

export interface RuntimeApi {
  /** For `AWS_LAMBDA_RUNTIME_API`. */
  host: string;
  /**
   * Passes the event to the environment, and waits until it asks for the next.
   * @param breaks closes the connection of the response after its first bytes
   * @throws {Error} if the environment reports an error
   */
  invoke: (event: unknown, breaks?: boolean) => Promise<Invocation>;
  stop: () => void;
}

const root = '/2018-06-01/runtime';
const timeoutMs = 30_000;
/** Between the metadata and the body of a streamed HTTP response. */
const delimiter = Buffer.alloc(8);
const httpResponse = 'application/vnd.awslambda.http-integration-response';

type Response = Omit<Invocation, 'nextAt'>;

/**
 * Serves Lambda's Runtime API to one environment.
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
 */
export async function startRuntimeApi(): Promise<RuntimeApi> {
  let idle = Promise.withResolvers<ServerResponse>();
  let responded = Promise.withResolvers<Response>();
  let breaking = false;
  const server = createServer((request, response) => {
    if (request.url === `${root}/invocation/next`) idle.resolve(response);
    else if (request.url?.endsWith('/response') && breaking)
      request.once('data', () => {
        request.socket.destroy();
        const { headers, trailers } = request;
        responded.resolve({ headers, trailers, respondedAt: performance.now(), metadata: undefined, body: '' });
      });
    else if (request.url?.endsWith('/response'))
      void readResponse(request).then((read) => {
        response.writeHead(202).end('{"status":"OK"}');
        responded.resolve(read);
      });
    else
      void readBody(request).then((body) => {
        response.writeHead(202).end('{"status":"OK"}');
        const error = new Error(`${request.url}: ${body.toString()}`);
        responded.reject(error);
        idle.reject(error);
      });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the Runtime API has no port');

  async function invoke(event: unknown, breaks = false): Promise<Invocation> {
    breaking = breaks;
    const waiting = await within(idle.promise, 'the environment did not ask for an event');
    idle = Promise.withResolvers();
    responded = Promise.withResolvers();
    waiting
      .writeHead(200, {
        'content-type': 'application/json',
        'lambda-runtime-aws-request-id': randomUUID(),
        'lambda-runtime-deadline-ms': String(Date.now() + 10_000),
        'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:111122223333:function:redirect',
        'lambda-runtime-trace-id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=0',
      })
      .end(JSON.stringify(event));
    const next = idle.promise.then(() => performance.now());
    const response = await within(responded.promise, 'the function did not respond');
    return { ...response, nextAt: await within(next, 'the environment did not ask for another event') };
  }

  return {
    host: `127.0.0.1:${address.port}`,
    invoke,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function readResponse(request: IncomingMessage): Promise<Response> {
  const bytes = await readBody(request);
  const respondedAt = performance.now();
  const { headers, trailers } = request;
  const end = bytes.indexOf(delimiter);
  if (headers['content-type'] !== httpResponse || end < 0)
    return { headers, trailers, respondedAt, metadata: undefined, body: bytes.toString() };
  return {
    headers,
    trailers,
    respondedAt,
    metadata: JSON.parse(bytes.subarray(0, end).toString()),
    body: bytes.subarray(end + delimiter.length).toString(),
  };
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function within<T>(promise: Promise<T>, problem: string): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${problem} within ${timeoutMs / 1000} s`)), timeoutMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
