import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import chromium from '@sparticuz/chromium';
import { type Browser, chromium as playwright } from 'playwright-core';
import { z } from 'zod';

// The package's arguments are for a Lambda with one page, which it renders in a simulated GPU. Tests open many pages,
// which needs one process per page; and without a GPU, the views take a third of the CPU time (17 s instead of 58).
const unwanted = new Set([
  '--single-process',
  '--no-zygote',
  '--disable-web-security',
  '--ignore-gpu-blocklist',
  '--in-process-gpu',
  '--use-gl=angle',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
]);

const manifestSchema = z.object({ version: z.string() });

const unpackScript = `
  import chromium from '@sparticuz/chromium';
  await chromium.executablePath();
`;

/**
 * Starts the Chromium of an npm package with the package's libraries and fonts, so that pages look the same on every
 * machine without installing anything. The caller closes it.
 *
 * @param more arguments of the process
 * @throws if the browser does not start
 */
export async function launchChromium(more: readonly string[] = []): Promise<Browser> {
  const directory = await unpackChromium();
  const browser = await playwright.launch({
    executablePath: path.join(directory, 'chromium'),
    args: [...chromium.args.filter((argument) => !unwanted.has(argument)), '--disable-gpu', ...more],
    headless: true,
    env: {
      ...process.env,
      LD_LIBRARY_PATH: path.join(directory, 'al2023', 'lib'),
      FONTCONFIG_FILE: path.join(directory, 'fonts.conf'),
    },
  });
  // On a busy machine, a browser renders late.
  browser.on('context', (context) => context.setDefaultTimeout(60_000));
  return browser;
}

/** Unpacks the package once per version and returns the folder. Safe to call from several test files at once. */
async function unpackChromium(): Promise<string> {
  const cache = path.join(import.meta.dirname, '../../node_modules/.cache');
  const target = path.join(cache, `chromium-${packageVersion()}`);
  if (existsSync(target)) return target;
  mkdirSync(cache, { recursive: true });
  const unpacking = mkdtempSync(path.join(cache, 'chromium-unpacking-'));
  // The package unpacks into the temporary directory, and unpacks its libraries on Lambda only.
  const environment = { ...process.env, TMPDIR: unpacking, AWS_LAMBDA_JS_RUNTIME: 'nodejs24.x' };
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', unpackScript], {
    cwd: import.meta.dirname,
    env: environment,
  });
  writeFileSync(path.join(unpacking, 'fonts.conf'), fontsConfiguration(target));
  try {
    renameSync(unpacking, target);
  } catch (cause) {
    // Another test file was first.
    if (!existsSync(target)) throw cause;
    rmSync(unpacking, { recursive: true });
  }
  return target;
}

function packageVersion(): string {
  const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
  const manifest: unknown = JSON.parse(readFileSync(path.join(path.dirname(entry), '../package.json'), 'utf8'));
  return manifestSchema.parse(manifest).version;
}

function fontsConfiguration(directory: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${path.join(directory, 'fonts')}</dir>
  <cachedir>${path.join(directory, 'fonts-cache')}</cachedir>
</fontconfig>
`;
}
