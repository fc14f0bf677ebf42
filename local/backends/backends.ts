import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { z } from 'zod';
import type { ServiceFaults } from '../fault-injection/service-faults.ts';
import { BackendUnavailable } from './dynoxide.ts';
import {
  type BackendsOrder,
  backendsReportSchema,
  type Declaration,
  type FaultsOrder,
  localPaths,
  type MessagesOrder,
  type QueueDepth,
  queueDepthsSchema,
  type ReceivedMessage,
  type ReceiveOrder,
  receivedSchema,
} from './protocol.ts';

/** DynamoDB, SQS and S3, running in their own process. */
export interface Backends {
  /** SQS and S3, for the stack itself. */
  queuesUrl: string;
  /** SQS and S3 for functions and clients: enforces roles and injects faults. */
  gateUrl: string;
  tablesUrl: string;
  declare: (declaration: Declaration) => Promise<void>;
  receive: (order: ReceiveOrder) => Promise<readonly ReceivedMessage[]>;
  delete: (order: MessagesOrder) => Promise<void>;
  /** Makes messages available before their visibility timeout ends. */
  release: (order: MessagesOrder) => Promise<void>;
  depths: () => Promise<readonly QueueDepth[]>;
  /** Resolves when the process ends. */
  ended: Promise<void>;
  /** Stops the process after writing everything to disk. */
  stop: () => Promise<void>;
  /** Sends SIGKILL. */
  kill: () => void;
}

export interface BackendsOptions extends BackendsOrder {
  serviceFaults: ServiceFaults;
  /** Receives the message of each call that a role does not allow. */
  denied: (message: string) => void;
}

/** Starts the process. @throws {BackendUnavailable} if a service fails to start */
export async function startBackends({ serviceFaults, denied, ...order }: BackendsOptions): Promise<Backends> {
  const child = fork(new URL('./process.ts', import.meta.url), {
    // With a limit below 2 GB, V8 collects garbage before the heap has grown fourfold.
    execArgv: ['--max-semi-space-size=4', '--max-old-space-size=512'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  child.send(order);
  const report = await firstReport(child);
  if (report.kind !== 'ready')
    throw new BackendUnavailable(
      `DynamoDB, SQS and S3 failed to start: ${report.kind === 'failed' ? report.reason : report.message}`,
    );
  const { queuesUrl, gateUrl, tablesUrl } = report;
  child.on('message', (message) => {
    const later = backendsReportSchema.parse(message);
    if (later.kind === 'denied') denied(later.message);
  });
  serviceFaults.follow((modes) => {
    const faults: FaultsOrder = { serviceFaults: modes };
    if (child.connected) child.send(faults);
  });
  const ended = once(child, 'exit').then(() => undefined);

  async function post(path: string, body: unknown): Promise<unknown> {
    const response = await fetch(queuesUrl + path, { method: 'POST', body: JSON.stringify(body) });
    if (!response.ok) throw new BackendUnavailable(`${path} returned ${response.status}: ${await response.text()}`);
    return response.json();
  }

  return {
    queuesUrl,
    gateUrl,
    tablesUrl,
    ended,
    declare: async (declaration) => void (await post(localPaths.declare, declaration)),
    receive: async (wanted) => receivedSchema.parse(await post(localPaths.receive, wanted)).messages,
    delete: async (wanted) => void (await post(localPaths.delete, wanted)),
    release: async (wanted) => void (await post(localPaths.release, wanted)),
    depths: async () => queueDepthsSchema.parse(await (await fetch(queuesUrl + localPaths.depths)).json()),
    stop: async () => {
      if (child.connected) child.disconnect();
      await ended;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

async function firstReport(child: ChildProcess): Promise<z.infer<typeof backendsReportSchema>> {
  const ended = once(child, 'exit').then(([code]) => ({
    kind: 'failed',
    reason: `the process ended with code ${String(code)}`,
  }));
  const [message] = await Promise.race([once(child, 'message'), ended.then((report) => [report])]);
  return backendsReportSchema.parse(message);
}
