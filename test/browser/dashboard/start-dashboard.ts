import type { Browser } from 'playwright-core';
import { type LocalStack, startLocalStack } from '#local/stack.ts';
import { temporaryDirectory } from '../../pipeline/stack-facts.ts';
import { launchChromium } from '../chromium.ts';

export interface RunningDashboard {
  stack: LocalStack;
  browser: Browser;
  stop: () => Promise<void>;
}

/** Starts a local stack and a browser, for tests whose responses of the API are fixtures. */
export async function startDashboard(): Promise<RunningDashboard> {
  const { directory, remove } = temporaryDirectory();
  const [stack, browser] = await Promise.all([
    startLocalStack({ dataDirectory: directory, port: 0, schedules: false }),
    launchChromium(),
  ]);
  return {
    stack,
    browser,
    stop: async () => {
      await browser.close();
      await stack.stop();
      remove();
    },
  };
}
