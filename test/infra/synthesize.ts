import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import settings from '../../cdk.json' with { type: 'json' };
import { createApp } from '../../lib/hopcount-app.ts';

const resourceSchema = z.object({
  Type: z.string(),
  Properties: z.record(z.string(), z.unknown()).default({}),
  DependsOn: z.array(z.string()).default([]),
  DeletionPolicy: z.string().optional(),
  UpdateReplacePolicy: z.string().optional(),
  UpdatePolicy: z.record(z.string(), z.unknown()).default({}),
});
export type Resource = z.infer<typeof resourceSchema>;

const templateSchema = z.object({
  Resources: z.record(z.string(), resourceSchema),
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
});
export type Template = z.infer<typeof templateSchema>;

export interface Synthesis {
  template: Template;
  /** Templates of the app's other stacks, by name. */
  others: Readonly<Record<string, Template>>;
  /** Text of every template, by the name of its stack. */
  texts: Readonly<Record<string, string>>;
  /** Findings of cdk-nag, acknowledgements in the constructs' metadata, and what the CDK CLI reads. */
  files: Readonly<Record<'report' | 'metadata' | 'manifest', unknown>>;
}

const quick = {
  'aws:cdk:bundling-stacks': [],
  'aws:cdk:disable-asset-staging': true,
  'aws:cdk:disable-stack-trace': true,
};

/**
 * Returns what `cdk synth` would write with these settings, without bundling the functions. The tests of a file share one
 * synthesis of the same settings.
 *
 * @param validated also runs CDK's own rules over the template, which takes longer than all the rest
 */
export function synthesize(context: Readonly<Record<string, unknown>> = {}, validated = false): Synthesis {
  const key = JSON.stringify([context, validated]);
  const synthesis = syntheses.get(key) ?? synthesizeAnew(context, validated);
  syntheses.set(key, synthesis);
  return synthesis;
}

const syntheses = new Map<string, Synthesis>();

function synthesizeAnew(context: Readonly<Record<string, unknown>>, validated: boolean): Synthesis {
  const outdir = newFolder();
  try {
    const [stack, ...others] = assemble(outdir, context, validated).stacks;
    if (!stack) throw new Error(`${outdir} holds no stack`);
    const [report, metadata, manifest] = [
      'validation-report.json',
      `${stack.stackName}.metadata.json`,
      'manifest.json',
    ].map((file) => readJson(path.join(outdir, file)));
    return {
      template: readTemplate(stack),
      others: Object.fromEntries(others.map((other) => [other.stackName, readTemplate(other)])),
      texts: Object.fromEntries(
        [stack, ...others].map((each) => [each.stackName, readFileSync(each.templateFullPath, 'utf8')]),
      ),
      files: { report, metadata, manifest },
    };
  } finally {
    rmSync(outdir, { recursive: true });
  }
}

/** Writes what the CDK CLI deploys with these settings, and returns its folder. The caller removes it. */
export function writeAssembly(context: Readonly<Record<string, unknown>>): string {
  return assemble(newFolder(), context, false).directory;
}

function newFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'hopcount-synth-'));
}

function assemble(outdir: string, context: Readonly<Record<string, unknown>>, validated: boolean) {
  return createApp({
    outdir,
    builtinCloudFormationValidation: validated,
    context: { ...settings.context, ...quick, ...context },
  }).synth();
}

function readTemplate({ templateFullPath }: { templateFullPath: string }): Template {
  return templateSchema.parse(readJson(templateFullPath));
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

/** Returns the resources of a type by logical id. */
export function resourcesOf({ Resources }: Template, type: string): [string, Resource][] {
  return Object.entries(Resources).filter(([, resource]) => resource.Type === type);
}

/** Returns the resource whose logical id is this prefix and a hash. */
export function resourceNamed({ Resources }: Template, prefix: string): Resource {
  const found = Object.entries(Resources).filter(([id]) => new RegExp(`^${prefix}[0-9A-F]{8}$`).test(id));
  const [only] = found;
  if (!only || found.length > 1) throw new Error(`${found.length} resources are named ${prefix}`);
  return only[1];
}

/** Replaces each reference with its logical id: `{"Fn::GetAtt":["A","Arn"]}` is `A.Arn`. */
export function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map(plain).join(' ');
  const [name, argument] = Object.entries(z.record(z.string(), z.unknown()).parse(value))[0] ?? [];
  if (name === 'Ref') return z.string().parse(argument);
  if (name === 'Fn::GetAtt') return z.array(z.string()).parse(argument).join('.');
  if (name === 'Fn::Join') {
    const [separator, parts] = z.tuple([z.string(), z.array(z.unknown())]).parse(argument);
    return parts.map(plain).join(separator);
  }
  throw new Error(`${JSON.stringify(value)} is no reference that this reads`);
}
