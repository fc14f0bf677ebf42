import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { UnsupportedTemplate } from './intrinsics.ts';

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  Condition: z.string().optional(),
});
export type Resource = z.infer<typeof resourceSchema>;

export const templateSchema = z.object({
  Description: z.string().optional(),
  Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() })).default({}),
  Mappings: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
  Conditions: z.record(z.string(), z.unknown()).default({}),
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown(), Condition: z.string().optional() })).default({}),
});
export type Template = z.infer<typeof templateSchema>;

/** One synthesized stack: its template, and where the files of its assets are on this machine. */
export interface Assembly {
  stackName: string;
  template: Template;
  /** Absolute paths of assets by their hash. */
  assets: ReadonlyMap<string, string>;
}

/**
 * Reads the output of `cdk synth`.
 *
 * @throws {UnsupportedTemplate} unless the folder contains exactly one stack
 */
export function readAssembly(directory: string): Assembly {
  const { artifacts } = manifestSchema.parse(readJson(path.join(directory, 'manifest.json')));
  const stacks = Object.entries(artifacts).filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack');
  const [stackName, artifact] = stacks[0] ?? [];
  if (!stackName || !artifact || stacks.length > 1)
    throw new UnsupportedTemplate(`${directory} must contain exactly one stack; found ${stacks.length}`);
  const file = artifact.properties?.templateFile ?? `${stackName}.template.json`;
  const template = templateSchema.parse(readJson(path.join(directory, file)));
  return { stackName, template, assets: readAssets(directory, stackName) };
}

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({ type: z.string(), properties: z.object({ templateFile: z.string() }).partial().optional() }),
  ),
});

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

const assetsSchema = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string().optional() }).loose() })).default({}),
});

function readAssets(directory: string, stackName: string): ReadonlyMap<string, string> {
  const { files } = assetsSchema.parse(readJson(path.join(directory, `${stackName}.assets.json`)));
  return new Map(Object.entries(files).map(([hash, file]) => [hash, path.resolve(directory, file.source.path ?? '.')]));
}
