import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';

/**
 * `500` and `429` do not reach the stack. `reset` does, but the connection breaks before its response. `offline` breaks all
 * connections, and the next one.
 */
export const faults = ['500', '429', 'reset', 'offline'] as const;
export type Fault = (typeof faults)[number];

export interface FaultProxy {
  /** `http://127.0.0.1:40000` */
  url: string;
  /** Lets the next request for events fail. */
  failNext: (fault: Fault) => void;
  /** Returns whether it has failed. */
  hasFailed: () => boolean;
  stop: () => Promise<void>;
}

/** Starts a proxy between an SDK and the stack. @param isEvents whether a path takes events: others never fail */
export async function startFaultProxy(stackUrl: string, isEvents: (path: string) => boolean): Promise<FaultProxy> {
  let next: Fault | undefined;

  function pass(asked: IncomingMessage, response: ServerResponse): void {
    const { method = 'GET', url = '/', headers } = asked;
    const fault = method === 'POST' && isEvents(url) ? next : undefined;
    if (fault !== undefined) next = undefined;
    if (fault === '500' || fault === '429')
      return void asked.resume().on('end', () => fail(response, fault, headers.origin));
    const passed = request(stackUrl + url, { method, headers }, (answer) => {
      if (fault === 'reset') return void answer.resume().on('end', () => response.destroy());
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    asked.pipe(passed);
  }

  const server = createServer(pass);
  server.on('connection', (socket) => {
    if (next !== 'offline') return;
    next = undefined;
    socket.destroy();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy does not listen on a port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    failNext: (fault) => {
      next = fault;
      if (fault === 'offline') server.closeAllConnections();
    },
    hasFailed: () => next === undefined,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Responds as a proxy of the host's network would, which a browser may read. */
function fail(response: ServerResponse, status: '500' | '429', origin: string | undefined): void {
  response.writeHead(Number(status), {
    'access-control-allow-origin': origin ?? '*',
    'access-control-allow-credentials': 'true',
    'retry-after': '1',
  });
  response.end();
}
