import path from 'node:path';
import { parseArgs } from 'node:util';
import { BackendUnavailable } from './backends/dynoxide.ts';
import type { LocalDomain } from './bootstrap.ts';
import { addDemoMonth } from './demo/demo-month.ts';
import { PortInUse } from './edge/server.ts';
import { AlreadyRunning } from './lock.ts';
import { type ServiceChanges, parseServiceFaults, UnknownServiceFault } from './fault-injection/service-faults.ts';
import { type LocalStack, startLocalStack } from './stack.ts';
import { projectRoot, SynthesisFailed } from './synthesize.ts';
import { UnsupportedTemplate } from './template/intrinsics.ts';

// Lambda runs in UTC.
process.env['TZ'] = 'UTC';

class InvalidArgument extends Error {
  override readonly name = 'InvalidArgument';
}

const known = [
  AlreadyRunning,
  BackendUnavailable,
  InvalidArgument,
  PortInUse,
  SynthesisFailed,
  UnknownServiceFault,
  UnsupportedTemplate,
];

try {
  const { port, allowReplay, linkDomains, dataDirectory, serviceFaults, demo } = readArguments();
  const startedAt = performance.now();
  const stack = await startLocalStack({
    dataDirectory,
    port,
    allowReplay,
    linkDomains,
    serviceFaults,
    progress: (step) => console.log(step),
    log: (message) => console.error(`local stack: ${message}`),
  });
  const stopping = new AbortController();
  stopOnSignal(stack, stopping);
  console.log(`Started in ${((performance.now() - startedAt) / 1000).toFixed(1)} s.\n`);
  console.log(suggestions(stack));
  if (demo)
    await addDemoMonth({ stack, dataDirectory, signal: stopping.signal, log: console.log }).catch((cause: unknown) => {
      if (!stopping.signal.aborted) console.error(`The demo data is incomplete: ${explain(cause)}`);
    });
} catch (cause) {
  console.error(explain(cause));
  process.exit(1);
}

interface Arguments {
  port: number;
  allowReplay: boolean;
  linkDomains: LocalDomain[];
  dataDirectory: string;
  serviceFaults: ServiceChanges;
  demo: boolean;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'allow-replay': { type: 'boolean', default: false },
      domain: { type: 'string', multiple: true, default: [] },
      fail: { type: 'string' },
      'no-demo': { type: 'boolean', default: false },
    },
  });
  return {
    port: readPort(values.port ?? process.env['PORT'] ?? '8787'),
    allowReplay: values['allow-replay'],
    linkDomains: values.domain.map(readDomain),
    dataDirectory: path.resolve(process.env['HOPCOUNT_DATA'] ?? path.join(projectRoot, '.local')),
    demo: !values['no-demo'],
    serviceFaults: values.fail === undefined ? {} : parseServiceFaults(values.fail),
  };
}

/** Reads `demo.localhost,agency=demo,page=/demo`. The names and values are those of the setting, which the synthesis checks. */
function readDomain(text: string): LocalDomain {
  const [name = '', ...pairs] = text.split(',');
  return { name, ...Object.fromEntries(pairs.map((pair) => pair.split('='))) };
}

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgument(`The port (--port or PORT) must be a whole number from 0 to 65535; got "${text}".`);
}

function stopOnSignal(stack: LocalStack, controller: AbortController): void {
  let stopping = false;
  function stop(): void {
    if (stopping) return;
    stopping = true;
    controller.abort();
    console.log('Stopping: waiting for running work to finish…');
    stack.stop().then(
      () => process.exit(0),
      (cause: unknown) => {
        console.error(explain(cause));
        process.exit(1);
      },
    );
  }
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** Formats an expected error as one line. An unexpected error keeps its stack trace. */
function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const plain = known.some((kind) => cause instanceof kind) || 'code' in cause;
  return plain ? cause.message : (cause.stack ?? cause.message);
}

function suggestions({ url }: LocalStack): string {
  return [
    `ready ${url}`,
    '',
    `  ${url}/app/                     the dashboard; sign in as administrator, agency or creator`,
    '',
    'Try:',
    `  curl -i ${url}/duckdb                          follow a short link`,
    `  open ${url}/@demo                              open the demo link page`,
    `  npm run hopcount -- token --as admin           get a bearer token for the API`,
    `  curl -H "authorization: Bearer $(npm run -s hopcount -- token --as admin)" ${url}/api/v1/links/duckdb/stats`,
    `  open ${url}/_local/                            queues, functions, schedules, outbox`,
    '',
    'Press Ctrl-C to stop. Your data is kept for the next start.',
  ].join('\n');
}
