import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseSync } from '@swc/core';
import { z } from 'zod';

/** An operation of an AWS service that a program can send: `GetItem` of `dynamodb`. */
export interface Operation {
  client: string;
  name: string;
}

/** Finds the operations that a file, and all that it imports, take from the clients of the AWS SDK. */
export function operationsFrom(root: string, file: string): Operation[] {
  const waiting = [file];
  const seen = new Set<string>();
  const operations: Operation[] = [];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next) || !next.endsWith('.ts')) continue;
    seen.add(next);
    for (const { from, names } of readImports(root, next)) {
      const client = /^@aws-sdk\/client-(.+)$/.exec(from)?.[1];
      if (client !== undefined) operations.push(...names.flatMap((name) => toOperation(client, name)));
      else if (from.startsWith('#')) waiting.push(from.slice(1));
      else if (from.startsWith('.')) waiting.push(path.join(path.dirname(next), from));
    }
  }
  return operations;
}

function toOperation(client: string, name: string): Operation[] {
  const [, paginated, sent] = /^(?:paginate(\w+)|(\w+)Command)$/.exec(name) ?? [];
  const operation = paginated ?? sent;
  return operation === undefined ? [] : [{ client, name: operation }];
}

interface Import {
  from: string;
  names: readonly string[];
}

const parsed = new Map<string, readonly Import[]>();

function readImports(root: string, file: string): readonly Import[] {
  const known = parsed.get(file);
  if (known) return known;
  const program = parseSync(readFileSync(path.join(root, file), 'utf8'), { syntax: 'typescript' });
  const found = [...nodesIn(program)].flatMap((node) => readStatic(node) ?? readDynamic(node) ?? []);
  parsed.set(file, found);
  return found;
}

function* nodesIn(value: unknown): Generator<object> {
  if (typeof value !== 'object' || value === null) return;
  if ('type' in value) yield value;
  for (const part of Object.values(value)) yield* nodesIn(part);
}

const identifier = z.object({ value: z.string() });

const staticImport = z.object({
  type: z.enum(['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration']),
  typeOnly: z.literal(false).optional(),
  source: identifier,
  specifiers: z
    .array(
      z.looseObject({
        isTypeOnly: z.boolean().optional(),
        local: identifier.optional(),
        imported: identifier.nullish(),
      }),
    )
    .default([]),
});

/** `import { GetItemCommand } from '@aws-sdk/client-dynamodb'` */
function readStatic(node: object): Import | undefined {
  const { data } = staticImport.safeParse(node);
  return (
    data && {
      from: data.source.value,
      names: data.specifiers
        .filter(({ isTypeOnly }) => !isTypeOnly)
        .map(({ imported, local }) => (imported ?? local)?.value ?? ''),
    }
  );
}

const dynamicImport = z.object({
  type: z.literal('CallExpression'),
  callee: z.object({ type: z.literal('Import') }),
  arguments: z.tuple([z.object({ expression: identifier })]),
});
const destructured = z.object({
  type: z.literal('VariableDeclarator'),
  id: z.object({ properties: z.array(z.object({ key: identifier })) }),
  init: z.object({ argument: dynamicImport }),
});

/** `const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation')` */
function readDynamic(node: object): Import | undefined {
  const declared = destructured.safeParse(node).data;
  const call = declared?.init.argument ?? dynamicImport.safeParse(node).data;
  return (
    call && {
      from: call.arguments[0].expression.value,
      names: declared?.id.properties.map(({ key }) => key.value) ?? [],
    }
  );
}
