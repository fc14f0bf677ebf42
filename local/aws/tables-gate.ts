import { Agent, createServer, type IncomingMessage, request as send, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import type { Fate, ServiceFaults, FaultService } from '../fault-injection/service-faults.ts';

export interface TablesGateOptions {
  /** Endpoint of DynamoDB. */
  tablesUrl: string;
  /** Services by table name. */
  services: Readonly<Record<string, FaultService>>;
  serviceFaults: ServiceFaults;
}

export interface TablesGate {
  url: string;
  stop: () => Promise<void>;
}

/** Starts a proxy in front of DynamoDB that injects faults into requests for a faulty table. */
export async function startTablesGate({ tablesUrl, services, serviceFaults }: TablesGateOptions): Promise<TablesGate> {
  const { hostname, port } = new URL(tablesUrl);
  const agent = new Agent({ keepAlive: true });

  function passOn(incoming: IncomingMessage, outgoing: ServerResponse, body?: Buffer): void {
    const { method, url: path, rawHeaders: headers } = incoming;
    const onward = send({ agent, hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.once('close', () => onward.destroy());
    if (body) onward.end(body);
    else incoming.pipe(onward);
  }

  async function evaluate(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const gone = new AbortController();
    outgoing.once('close', () => gone.abort());
    const body = await buffer(incoming);
    const named = readTableNames(body.toString()).flatMap((table) => services[table] ?? []);
    const fate = await serviceFaults.meet(named, gone.signal);
    switch (fate) {
      case 'pass':
        return passOn(incoming, outgoing, body);
      case 'dropped':
        return void outgoing.destroy();
      case 'failing':
      case 'throttled':
        return sendError(outgoing, fate);
      default:
        return fate satisfies never;
    }
  }

  const server = createServer((incoming, outgoing) => {
    if (serviceFaults.none()) passOn(incoming, outgoing);
    else evaluate(incoming, outgoing).catch(() => outgoing.destroy());
  });
  // Longer than clients keep connections open, so that they never reuse one that is closing.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        agent.destroy();
      }),
  };
}

const action = z.looseObject({ TableName: z.string() });

const inputSchema = z.looseObject({
  TableName: z.string().optional(),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
  TransactItems: z.array(z.record(z.string(), action)).optional(),
});

/** Returns the tables that a DynamoDB request names. */
export function readTableNames(body: string): string[] {
  const { TableName, RequestItems = {}, TransactItems = [] } = inputSchema.parse(JSON.parse(body));
  const inTransaction = TransactItems.flatMap((item) => Object.values(item).map((each) => each.TableName));
  return [
    ...new Set([...(TableName === undefined ? [] : [TableName]), ...Object.keys(RequestItems), ...inTransaction]),
  ];
}

/** DynamoDB's error messages. */
const errors: Readonly<Record<Exclude<Fate, 'pass' | 'dropped'>, { status: number; type: string; message: string }>> = {
  failing: { status: 500, type: 'InternalServerError', message: 'Internal server error' },
  throttled: {
    status: 400,
    type: 'ProvisionedThroughputExceededException',
    message: 'The level of configured provisioned throughput for the table was exceeded.',
  },
};

function sendError(outgoing: ServerResponse, fate: keyof typeof errors): void {
  const { status, type, message } = errors[fate];
  const body = { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message };
  outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
}
