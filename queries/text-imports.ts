import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/**
 * Lets this process run `import sql from '#queries/reports/agency.sql' with { type: 'text' }`. Node has that only behind
 * `--experimental-import-text`. The bundles do not need this file: esbuild understands the attribute.
 */
registerHooks({
  load: (url, context, nextLoad) => (url.endsWith('.sql') ? textModule(url) : nextLoad(url, context)),
});

function textModule(url: string) {
  const text = readFileSync(new URL(url), 'utf8');
  return { format: 'module', source: `export default ${JSON.stringify(text)};`, shortCircuit: true };
}
