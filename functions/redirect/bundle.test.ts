import { build } from 'esbuild';
import { expect, it } from 'vitest';
import { bundling, edgeAliases } from '#schemas/bundling.ts';

async function bundleOf() {
  const { metafile } = await build({
    ...bundling,
    entryPoints: ['functions/redirect/handler.ts'],
    outfile: 'index.mjs',
    alias: edgeAliases,
    metafile: true,
    write: false,
  });
  const [output] = Object.values(metafile.outputs);
  return { bytes: output?.bytes ?? Infinity, inputs: Object.keys(output?.inputs ?? {}) };
}

it('is at most 300 KB with its SDK clients, and holds neither zod nor the credential chain', async () => {
  const { bytes, inputs } = await bundleOf();
  expect(bytes).toBeLessThanOrEqual(300_000);
  expect(inputs.length).toBeGreaterThan(50);
  expect(inputs.filter((input) => /node_modules\/(zod|@aws-sdk\/credential-provider)/.test(input))).toEqual([]);
});
