import { Agent, request as send } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { z } from 'zod';
import type { FaultService, ServiceFaults } from '../fault-injection/service-faults.ts';
import type { Access } from '../iam/access.ts';
import { readTableCalls } from '../iam/table-calls.ts';
import type { TableModel } from '../template/model.ts';
import type { Listening } from './listen.ts';
import { type ErrorFate, type ServiceGateOptions, startServiceGate } from './service-gate.ts';

export interface TablesGateOptions {
  /** Endpoint of DynamoDB. */
  tablesUrl: string;
  /** Services by table name. */
  services: Readonly<Record<string, FaultService>>;
  serviceFaults: ServiceFaults;
  access: Access;
  tables: readonly TableModel[];
}

/** Starts a proxy in front of DynamoDB that enforces the roles of functions, and injects faults into requests for a faulty table. */
export async function startTablesGate({
  tablesUrl,
  services,
  serviceFaults,
  access,
  tables,
}: TablesGateOptions): Promise<Listening> {
  const agent = new Agent({ keepAlive: true });
  const { url, stop } = await startServiceGate({
    passOn: createProxy(tablesUrl, agent),
    serviceFaults,
    access: () => access,
    readCalls: ({ headers }, body) =>
      readTableCalls(String(headers['x-amz-target']).split('.')[1] ?? '', body.toString(), tables),
    sendDenial: (_incoming, outgoing, message) => {
      const body = { __type: 'com.amazon.coral.service#AccessDeniedException', Message: message };
      outgoing.writeHead(400, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    },
    readServices: (_incoming, body) => readTableNames(body.toString()).flatMap((table) => services[table] ?? []),
    sendError: (_incoming, outgoing, fate) => {
      const { status, type, message } = errors[fate];
      const body = { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message };
      outgoing.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(body));
    },
  });
  return {
    url,
    stop: async () => {
      await stop();
      agent.destroy();
    },
  };
}

function createProxy(upstream: string, agent: Agent): ServiceGateOptions['passOn'] {
  const { hostname, port } = new URL(upstream);
  return ({ method, url: path, headers }, body) =>
    new Promise((resolve, reject) => {
      const onward = send({ agent, hostname, port, method, path, headers }, (response) => {
        buffer(response).then(
          (whole) => resolve({ status: response.statusCode ?? 502, headers: response.headers, body: whole }),
          reject,
        );
      });
      onward.on('error', reject);
      onward.end(body);
    });
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
const errors: Readonly<Record<ErrorFate, { status: number; type: string; message: string }>> = {
  failing: { status: 500, type: 'InternalServerError', message: 'Internal server error' },
  throttled: {
    status: 400,
    type: 'ProvisionedThroughputExceededException',
    message: 'The level of configured provisioned throughput for the table was exceeded.',
  },
};
