import { openPosition } from './position.ts';
import { openLog } from './log-file.ts';
import { finishReceived, replayLog, type ReceivedRequests, sleepUnless, surveyLog } from './replay-log.ts';
import { retryRefused } from './retry-refused.ts';
import { createSender } from './send-request.ts';

/** A replay without a stack, for tests that interrupt or kill it. */
export async function replayTo(
  base: string,
  options: { folder: string; log: string; interrupted?: AbortSignal; received?: ReceivedRequests },
) {
  const { folder, log, interrupted = new AbortController().signal, received } = options;
  const { lines } = await openLog(log, { now: Date.now });
  const { links } = await surveyLog(lines(), '/logs', 'https://example.com');
  const position = openPosition({ folder, log, page: '/logs', now: () => 0 });
  if (received) await finishReceived(lines(), { links, position, received });
  const { send, close } = createSender(base, 8);
  const report = await replayLog(lines(), {
    links,
    send: retryRefused(send, { sleep: (wait) => sleepUnless(interrupted, wait), random: Math.random, interrupted }),
    position,
    concurrency: 8,
    speed: undefined,
    now: Date.now,
    onLine: () => {},
    interrupted,
  });
  close();
  position.close(report.atEnd);
  return { report, position };
}

// Started as a process: its arguments are the address, the folder and the log.
const [, file, base, folder, log] = process.argv;
if (file === import.meta.filename && base && folder && log) await replayTo(base, { folder, log });
