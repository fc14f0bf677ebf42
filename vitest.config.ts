import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Vite does not know `with { type: 'text' }` yet.
  plugins: [{ name: 'sql-as-text', load: (id) => (id.endsWith('.sql') ? textModule(id) : undefined) }],
  test: {
    include: ['**/*.test.ts', '**/*.test.tsx'],
    exclude: ['node_modules/**', 'cdk.out/**', '.local/**'],
    // The pipeline tests start a whole local stack each; two at once is what two cores carry.
    maxWorkers: 2,
    // No test is about how fast this machine is: a timeout only ends one that hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
  },
});

function textModule(file: string): string {
  return `export default ${JSON.stringify(readFileSync(file, 'utf8'))};`;
}
