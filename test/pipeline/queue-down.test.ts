import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { entityKeys } from '#schemas/counters.ts';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { projectRoot } from '#local/synthesize.ts';
import { announcedIds, click, hotNumbers, logLines, rawRows, temporaryDirectory } from './stack-facts.ts';

/** The queue is down while people click: they are redirected all the same, and their clicks are counted later. */

const { directory, remove } = temporaryDirectory();
const clicks = 6;
let stack: LocalStack;

beforeAll(async () => {
  stack = await startLocalStack({
    dataDirectory: directory,
    port: 0,
    schedules: false,
    batchWindowSeconds: 0.3,
    // Nothing listens on the discard port.
    functionVariables: { CLICK_QUEUE_URL: 'http://127.0.0.1:9/000000000000/clicks' },
  });
});
afterAll(async () => {
  await stack.stop();
  remove();
});

async function recover(): Promise<{ code: number; output: string }> {
  const child = spawn(process.execPath, [path.join(projectRoot, 'cli/main.ts'), 'recover', '--stack', 'local'], {
    env: { ...process.env, HOPCOUNT_DATA: directory },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code]: number[] = await once(child, 'exit');
  return { code: code ?? 1, output };
}

describe('with the click queue down', () => {
  it('redirects, logs each click unsent, and counts it once it is recovered', async () => {
    for (let n = 0; n < clicks; n += 1) expect((await click(`${stack.url}/duckdb`)).status).toBe(302);
    await stack.idle();
    expect(await logLines(stack, stack.outputs.RedirectLogGroup, '"click.unsent"')).toHaveLength(clicks);
    expect(await rawRows(stack)).toEqual([]);

    const first = await recover();
    expect(first.output).toContain(`${clicks} sent now`);
    expect(first.code).toBe(0);
    expect((await recover()).output).toContain('0 sent now');
    expect((await stack.idle()).idle).toBe(true);
    expect(await hotNumbers(stack, entityKeys.link('duckdb'))).toMatchObject({ clicks });
    expect((await rawRows(stack)).map(({ event_id }) => String(event_id)).sort()).toEqual(
      (await announcedIds(stack)).sort(),
    );
  });
});
