import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type EdgeRequest, type EdgeResponse, hasBody, readBody, readRequest, RefusedRequest } from './request.ts';

export interface EdgeOptions {
  allowReplay: boolean;
  now: () => number;
  distribution: (request: EdgeRequest) => Promise<EdgeResponse>;
  /** Handles requests below `/_local/`. */
  local: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>;
  failed: (cause: unknown) => void;
}

export class PortInUse extends Error {
  override readonly name = 'PortInUse';
}

export interface Edge {
  port: number;
  /** Returns the number of open requests. */
  open: () => number;
  stop: () => Promise<void>;
}

/** Starts the HTTP server of the edge on the loopback interface. @throws {PortInUse} */
export async function startEdge(port: number, options: EdgeOptions): Promise<Edge> {
  let open = 0;

  async function answer(incoming: IncomingMessage): Promise<EdgeResponse> {
    const body = hasBody(incoming) ? await readBody(incoming) : Buffer.alloc(0);
    const arrival = { id: randomUUID(), now: options.now(), allowReplay: options.allowReplay, body };
    return options.distribution(readRequest(incoming, arrival));
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    open += 1;
    try {
      if (incoming.url?.startsWith('/_local')) await options.local(incoming, outgoing);
      else send(outgoing, await answer(incoming));
    } catch (cause) {
      if (!(cause instanceof RefusedRequest)) options.failed(cause);
      if (outgoing.headersSent) outgoing.destroy();
      else send(outgoing, refusal(cause));
    } finally {
      open -= 1;
    }
  }

  const server = createServer((incoming, outgoing) => void handle(incoming, outgoing));
  server.keepAliveTimeout = 30_000;
  const actual = await listen(server, port);
  return {
    port: actual,
    open: () => open,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

function send(outgoing: ServerResponse, { status, headers, body }: EdgeResponse): void {
  for (const [name, value] of Object.entries(headers)) outgoing.setHeader(name, value);
  // The content length of a HEAD response comes from the origin.
  if (outgoing.req.method !== 'HEAD' && status !== 304) outgoing.setHeader('content-length', body.length);
  outgoing.writeHead(status);
  outgoing.end(body);
}

function refusal(cause: unknown): EdgeResponse {
  const status = cause instanceof RefusedRequest ? cause.status : 502;
  return {
    status,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...(status === 503 && { 'retry-after': '5' }) },
    body: Buffer.from(`${cause instanceof Error ? cause.message : 'The local edge failed'}\n`),
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const inUse = cause.code === 'EADDRINUSE';
      reject(
        inUse
          ? new PortInUse(`port ${port} is in use. Choose another, for example: PORT=8788 npm start`, { cause })
          : cause,
      );
    });
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}
