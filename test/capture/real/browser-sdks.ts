import path from 'node:path';
import { build } from 'esbuild';
import type { Fault } from './fault-proxy.ts';

/** An SDK for browsers. `applications/<name>.ts` uses it as its documentation shows. */
export interface BrowserSdk {
  /** Whether a path below the page's base takes events. */
  isEvents: (path: string) => boolean;
  /** Faults after which the SDK does not send again. */
  givesUp: readonly Fault[];
  /** Clicks on links to other sites are events. */
  clicks: boolean;
  /** Its events have ids, by which copies are found. */
  ids: boolean;
  /** Its requests outlive their page: an event of the moment in which a page closes arrives. */
  outlives: boolean;
}

const plausible: Omit<BrowserSdk, 'outlives'> = {
  isEvents: () => true,
  givesUp: ['500', '429', 'offline'],
  clicks: true,
  ids: false,
};

export const browserSdks: Readonly<Record<string, BrowserSdk>> = {
  'posthog-js': { isEvents: matches(/\/e\/(\?|$)/), givesUp: ['429'], clicks: true, ids: true, outlives: true },
  'segment-next': { isEvents: matches(/\/v1\/[pt]$/), givesUp: [], clicks: false, ids: true, outlives: true },
  'rudderstack-js': { isEvents: matches(/\/v1\/(page|track)$/), givesUp: [], clicks: false, ids: true, outlives: true },
  'plausible-official': { ...plausible, outlives: true },
  'plausible-tracker': { ...plausible, outlives: false },
};

function matches(pattern: RegExp): (path: string) => boolean {
  return (url) => pattern.test(url);
}

/** Bundles the application of an SDK. @param base `http://127.0.0.1:40000/e/ada` */
export async function bundleApplication(name: string, base: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [path.join(import.meta.dirname, 'applications', `${name}.ts`)],
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'iife',
    banner: { js: `window.base = ${JSON.stringify(base)};` },
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}
