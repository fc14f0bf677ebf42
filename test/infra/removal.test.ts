import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { synthesize } from './synthesize.ts';

const operations = readFileSync(path.join(import.meta.dirname, '../../docs/operations.md'), 'utf8');

it('the commands that remove a stack delete every kind of resource that its deletion keeps, and no other', () => {
  const [, removal = ''] = operations.split('## Remove a stack');
  const deleted = [...removal.matchAll(/\$\(named (\S+)\)/g)].map(([, type]) => type);
  // Glue deletes the tables of a database with it.
  const kinds: (string | undefined)[] = [...deleted, 'AWS::Glue::Table'];
  expect(kinds).toHaveLength(new Set(kinds).size);
  expect(new Set(kinds)).toEqual(keptTypes());
});

function keptTypes(): Set<string> {
  const settings = { accessLogs: true, senderAddress: 'links@example.com', managedWebAcl: true };
  const { template, others } = synthesize(settings);
  const resources = [template, ...Object.values(others)].flatMap(({ Resources }) => Object.values(Resources));
  const kept = resources.filter(({ DeletionPolicy = 'Delete' }) => DeletionPolicy !== 'Delete');
  return new Set(kept.map(({ Type }) => Type));
}
