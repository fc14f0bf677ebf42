import { Agent, createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Access } from '../iam/access.ts';
import type { Call } from '../iam/policy.ts';
import { type Listening, listenLocally } from './listen.ts';
import type { Fate, FaultService, ServiceFaults } from '../fault-injection/service-faults.ts';

/** A fate that the service itself responds with. */
export type ErrorFate = Extract<Fate, 'failing' | 'throttled'>;

export interface ServiceGateOptions {
  /** Endpoint of the services. */
  upstream: string;
  serviceFaults: ServiceFaults;
  /** Evaluated for each request, because the template is read later. */
  access: () => Access;
  /** Returns what a request does, as IAM sees it. */
  readCalls: (incoming: IncomingMessage, body: Buffer) => readonly Call[];
  /** Returns the call without which a 404 becomes a denial. @default - 404 stays 404 */
  readMissingCall?: (incoming: IncomingMessage) => Call | undefined;
  /** Responds as AWS does to a denied call. */
  sendDenial: (incoming: IncomingMessage, outgoing: ServerResponse, message: string) => void;
  /** Returns the services that a request needs. A request that needs none always passes. */
  readServices: (incoming: IncomingMessage, body: Buffer) => readonly FaultService[];
  /** Responds with the error that AWS would send. */
  sendError: (incoming: IncomingMessage, outgoing: ServerResponse, fate: ErrorFate) => void;
}

/** Starts a proxy in front of services that enforces the roles of functions and injects faults. While every service works, it reads
 * only the requests of functions. */
export async function startServiceGate({
  upstream,
  serviceFaults,
  access,
  readCalls,
  readMissingCall,
  sendDenial,
  readServices,
  sendError,
}: ServiceGateOptions): Promise<Listening> {
  const { hostname, port } = new URL(upstream);
  const agent = new Agent({ keepAlive: true });

  function passOn(incoming: IncomingMessage, outgoing: ServerResponse, body?: Buffer): void {
    const { method, url: path, rawHeaders: headers } = incoming;
    const onward = send({ agent, hostname, port, method, path, headers }, (response) => {
      const denial = response.statusCode === 404 ? findMissingDenial(incoming) : undefined;
      if (denial !== undefined) {
        response.resume();
        return sendDenial(incoming, outgoing, denial);
      }
      outgoing.writeHead(response.statusCode ?? 502, response.rawHeaders);
      response.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.once('close', () => onward.destroy());
    if (body) onward.end(body);
    else incoming.pipe(onward);
  }

  function findMissingDenial(incoming: IncomingMessage): string | undefined {
    const call = readMissingCall?.(incoming);
    return call && access().findDenial(incoming, [call]);
  }

  async function evaluate(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    const body = await buffer(incoming);
    if (access().isRestricted(incoming)) {
      const denial = access().findDenial(incoming, readCalls(incoming, body));
      if (denial !== undefined) return sendDenial(incoming, outgoing, denial);
    }
    const fate = serviceFaults.none() ? 'pass' : await serviceFaults.meet(readServices(incoming, body), gone.signal);
    switch (fate) {
      case 'pass':
        return passOn(incoming, outgoing, body);
      case 'dropped':
        return void outgoing.destroy();
      case 'failing':
      case 'throttled':
        return sendError(incoming, outgoing, fate);
      default:
        return fate satisfies never;
    }
  }

  const server = createServer((incoming, outgoing) => {
    if (serviceFaults.none() && !access().isRestricted(incoming)) passOn(incoming, outgoing);
    else evaluate(incoming, outgoing).catch(() => outgoing.destroy());
  });
  // Longer than clients keep connections open, so that they never reuse one that is closing.
  server.keepAliveTimeout = 60_000;
  const { url, stop } = await listenLocally(server);
  return {
    url,
    stop: async () => {
      await stop();
      agent.destroy();
    },
  };
}
