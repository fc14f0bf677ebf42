import { describeSchemaError } from '#core/field-error.ts';
import { z } from 'zod';
import type { Assembly } from './assembly.ts';
import { evaluate, noValue, type Scope, UnsupportedTemplate } from './intrinsics.ts';

/** A resource with its intrinsics evaluated. */
export interface EvaluatedResource {
  logicalId: string;
  type: string;
  reference: string;
  properties: unknown;
}

/** The evaluated resources of a template, parsed by type. */
export interface Resources {
  all: () => readonly EvaluatedResource[];
  ofType<T>(
    type: string | readonly string[],
    schema: z.ZodType<T>,
  ): readonly (Omit<EvaluatedResource, 'properties'> & { properties: T })[];
  scope: Scope;
  assembly: Assembly;
}

/** A number; CDK writes some as text. */
export const number = z.coerce.number();
export const flag = z.union([z.boolean(), z.stringbool()]);

export function evaluateResources(assembly: Assembly, scope: Scope): Resources {
  const evaluated = Object.entries(assembly.template.Resources)
    .filter(([, resource]) => resource.Condition === undefined || scope.condition(resource.Condition))
    .map(([logicalId, resource]): EvaluatedResource => {
      const reference = scope.reference(logicalId);
      const properties = evaluate(resource.Properties, scope);
      return {
        logicalId,
        type: resource.Type,
        reference: String(reference),
        properties: properties === noValue ? {} : properties,
      };
    });
  return {
    scope,
    assembly,
    all: () => evaluated,
    ofType: (type, schema) =>
      evaluated
        .filter((resource) => (typeof type === 'string' ? resource.type === type : type.includes(resource.type)))
        .map((resource) => ({ ...resource, properties: parseProperties(schema, resource) })),
  };
}

function parseProperties<T>(schema: z.ZodType<T>, resource: EvaluatedResource): T {
  const parsed = schema.safeParse(resource.properties);
  if (parsed.success) return parsed.data;
  throw new UnsupportedTemplate(`${resource.logicalId} (${resource.type}): ${describeSchemaError(parsed.error)}`);
}

/** `name` of `arn:aws:lambda:…:function:name:alias`, or of a bare name. */
export function functionNameOf(arn: string): string {
  const bare = /:function:([^:/]+)/.exec(arn)?.[1] ?? arn;
  return bare.split(':')[0] ?? bare;
}

export function textAttribute(scope: Scope, logicalId: string, name: string): string {
  return String(scope.attribute(logicalId, name));
}
