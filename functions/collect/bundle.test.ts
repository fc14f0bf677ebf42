import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { bundling, edgeAliases } from '#schemas/bundling.ts';

// `import * as z from 'zod'` brings 70 KB more than `zod/mini`, and `import { z }` all of zod, with its texts in every
// language: 360 KB.
it('is at most 400 KB, and holds no more of zod than its smallest form', async () => {
  const { metafile } = await build({
    ...bundling,
    entryPoints: ['functions/collect/handler.ts'],
    outfile: 'index.mjs',
    alias: edgeAliases,
    metafile: true,
    write: false,
  });
  const [output] = Object.values(metafile.outputs);
  expect(output?.bytes).toBeGreaterThan(100_000);
  expect(output?.bytes).toBeLessThanOrEqual(400_000);
  expect(Object.keys(output?.inputs ?? {}).filter((input) => input.includes('zod/v4/classic'))).toEqual([]);
});
