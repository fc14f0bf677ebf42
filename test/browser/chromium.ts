import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';

// The package's arguments are meant for a Lambda with one page; with a process each, pages come and go.
const unwanted = new Set(['--single-process', '--no-zygote', '--disable-web-security']);

/** Starts the Chromium that is inside the npm package. Close it when done. */
export const launchChromium = async (): Promise<Browser> =>
  playwright.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args.filter((argument) => !unwanted.has(argument)),
    headless: true,
  });
