import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Starts the files that run for long first; without durations of an earlier run, Vitest goes by the size of a file. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const { long = [], short = [] } = Object.groupBy(sorted, ({ moduleId }) =>
      /\/test\/(alerts|api\/outages|browser|lake|pipeline)\b/.test(moduleId) ? 'long' : 'short',
    );
    return [...long, ...short];
  }
}

const tests = ['**/*.test.ts', '**/*.test.tsx'];
const notOurs = ['node_modules/**', 'cdk.out/**', '.local/**'];

export default defineConfig({
  // Vite does not know `with { type: 'text' }` yet.
  plugins: [{ name: 'sql-as-text', load: (id) => (id.endsWith('.sql') ? textModule(id) : undefined) }],
  test: {
    // Tests beside their module share a process with others: a process of its own takes half a second of CPU each.
    projects: [
      {
        extends: true,
        test: { name: 'modules', isolate: false, include: tests, exclude: [...notOurs, 'test/**'] },
      },
      { extends: true, test: { name: 'system', include: tests.map((pattern) => `test/${pattern}`), exclude: notOurs } },
    ],
    // Files that start a stack or a browser wait for most of their time, so two cores carry four at once.
    maxWorkers: Math.max(4, availableParallelism()),
    sequence: { sequencer: LongestFirst },
    // No test is about how fast this machine is: a timeout only ends one that hangs.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
  },
});

function textModule(file: string): string {
  return `export default ${JSON.stringify(readFileSync(file, 'utf8'))};`;
}
