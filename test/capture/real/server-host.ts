import { once } from 'node:events';
import { serverSdks, type Target } from './server-sdks.ts';

/**
 * An application that uses an SDK for servers. It handles no rejection, so Node.js ends it after an unhandled one, and it
 * does not exit by itself: a timer that an SDK leaves would keep it alive. Its parent lets requests fail.
 */
const [name = '', target = '', revoked = ''] = process.argv.slice(2);
const found = serverSdks[name];
if (found === undefined) throw new Error(`no SDK is called ${name}`);

const sdk = found.create(JSON.parse(target) as Target);
await sdk.view();
await sdk.identify();
await sdk.track('plain');
await ask('plain');
for (const fault of ['500', '429', 'reset', 'offline']) {
  await ask(fault);
  const tracked = attempt(() => sdk.track(`at ${fault}`));
  await ask('failed');
  await tracked;
}
const refused = found.create(JSON.parse(revoked) as Target);
await attempt(() => refused.track('refused'));
await ask('refused');
await sdk.track('last');
await attempt(() => refused.close());
await sdk.close();
process.disconnect();

/** Asks the parent to change the network, or to wait for an event, and waits until that is done. */
async function ask(what: string): Promise<void> {
  process.send?.(what);
  await once(process, 'message');
}

/** Applications handle what an SDK rejects with where it returns a promise. */
async function attempt(work: () => unknown): Promise<void> {
  try {
    await work();
  } catch (error) {
    console.log(`${name}: ${String(error)}`);
  }
}
