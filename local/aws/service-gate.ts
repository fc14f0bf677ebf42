import { createServer, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { Access } from '../iam/access.ts';
import type { Call } from '../iam/policy.ts';
import type { CrossOriginAnswer } from './cross-origin.ts';
import { type Listening, listenLocally } from './listen.ts';
import type { Fate, FaultService, ServiceFaults } from '../fault-injection/service-faults.ts';

/** A fate that the service itself responds with. */
export type ErrorFate = Extract<Fate, 'failing' | 'throttled'>;

export interface ServiceGateOptions {
  /** Sends a request that may pass to its service. */
  passOn: (incoming: IncomingMessage, body: Buffer) => Promise<PassedOn>;
  serviceFaults: ServiceFaults;
  /** Returns what a request of a page of another origin gets. @default - nothing */
  readCrossOrigin?: (incoming: IncomingMessage) => CrossOriginAnswer | undefined;
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

/** The response of a service. */
export interface PassedOn {
  status: number;
  headers: OutgoingHttpHeaders;
  body: Uint8Array | string;
}

/** Starts a server in front of services that enforces the roles of functions and injects faults. */
export function startServiceGate({
  passOn,
  readCrossOrigin,
  serviceFaults,
  access,
  readCalls,
  readMissingCall,
  sendDenial,
  readServices,
  sendError,
}: ServiceGateOptions): Promise<Listening> {
  async function decideFate(incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer): Promise<Fate> {
    // A change of the faults may have arrived together with this request.
    await new Promise(setImmediate);
    if (serviceFaults.none()) return 'pass';
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    return serviceFaults.meet(readServices(incoming, body), gone.signal);
  }

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readWhole(incoming);
    const crossOrigin = readCrossOrigin?.(incoming);
    if (crossOrigin?.kind === 'preflight')
      return void outgoing.writeHead(crossOrigin.status, crossOrigin.headers).end();
    const restricted = access().isRestricted(incoming);
    const denial = restricted ? access().findDenial(incoming, readCalls(incoming, body)) : undefined;
    if (denial !== undefined) return sendDenial(incoming, outgoing, denial);
    const fate = await decideFate(incoming, outgoing, body);
    switch (fate) {
      case 'pass': {
        const passed = await passOn(incoming, body);
        const missing = restricted && passed.status === 404 ? readMissingCall?.(incoming) : undefined;
        const reason = missing && access().findDenial(incoming, [missing]);
        if (reason !== undefined) return sendDenial(incoming, outgoing, reason);
        return void outgoing.writeHead(passed.status, { ...passed.headers, ...crossOrigin?.headers }).end(passed.body);
      }
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
    handle(incoming, outgoing).catch(() => outgoing.destroy());
  });
  // Longer than clients keep connections open, so that they never reuse one that is closing.
  server.keepAliveTimeout = 60_000;
  return listenLocally(server);
}

/** Reads a body. The consumers of Node's streams take five times as long for one chunk. */
function readWhole(incoming: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    incoming.on('error', reject);
  });
}
