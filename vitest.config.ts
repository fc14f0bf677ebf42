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
    testTimeout: 60_000,
    // A browser on a busy machine draws late.
    expect: { poll: { timeout: 20_000 } },
    hookTimeout: 120_000,
  },
});

function textModule(file: string): string {
  return `export default ${JSON.stringify(readFileSync(file, 'utf8'))};`;
}
