import path from 'node:path';
import { parseArgs } from 'node:util';
import { BackendUnavailable } from './backends/dynoxide.ts';
import { PortInUse } from './edge/server.ts';
import { AlreadyRunning } from './lock.ts';
import { type OutageChanges, parseOutages, UnknownOutage } from './outages.ts';
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
  UnknownOutage,
  UnsupportedTemplate,
];

try {
  const { port, allowReplay, dataDirectory, outages } = readArguments();
  console.log('starting: building the functions and the services they use');
  const stack = await startLocalStack({
    dataDirectory,
    port,
    allowReplay,
    outages,
    log: (message) => console.error(`local stack: ${message}`),
  });
  stopOnSignal(stack);
  console.log(suggestions(stack));
} catch (cause) {
  console.error(explain(cause));
  process.exit(1);
}

interface Arguments {
  port: number;
  allowReplay: boolean;
  dataDirectory: string;
  outages: OutageChanges;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      port: { type: 'string' },
      'allow-replay': { type: 'boolean', default: false },
      fail: { type: 'string' },
    },
  });
  return {
    port: readPort(values.port ?? process.env['PORT'] ?? '8787'),
    allowReplay: values['allow-replay'],
    dataDirectory: path.resolve(process.env['HOPCOUNT_DATA'] ?? path.join(projectRoot, '.local')),
    outages: values.fail === undefined ? {} : parseOutages(values.fail),
  };
}

function readPort(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new InvalidArgument(`the port is "${text}"; it must be a whole number from 0 to 65535`);
}

function stopOnSignal(stack: LocalStack): void {
  let stopping = false;
  function stop(): void {
    if (stopping) return;
    stopping = true;
    console.log('stopping: finishing what runs');
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

/** What somebody can act on is said in a line; anything else is a defect and keeps its stack. */
function explain(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  const plain = known.some((kind) => cause instanceof kind) || 'code' in cause;
  return plain ? cause.message : (cause.stack ?? cause.message);
}

function suggestions({ url }: LocalStack): string {
  return [
    `ready ${url}`,
    '',
    'Try:',
    `  curl -i ${url}/duckdb                          a short link answers`,
    `  open ${url}/@demo                              its link page`,
    `  npm run hopcount -- token --as admin           a bearer token for the API`,
    `  curl -H "authorization: Bearer $(npm run -s hopcount -- token --as admin)" ${url}/api/v1/links/duckdb/stats`,
    `  open ${url}/_local/                            queues, functions, schedules, outbox`,
    '',
    'Ctrl-C stops it; its state is kept.',
  ].join('\n');
}
