import { expect, it } from 'vitest';
import { createPolicy } from '#local/iam/policy.ts';
import { templateSchema } from '#local/template/assembly.ts';
import { interpret } from '#local/template/interpret.ts';
import type { RoleModel } from '#local/template/model.ts';
import { synthesize } from './synthesize.ts';

/** The template as the local stack reads it. */
const template = JSON.stringify(synthesize({ local: true }).template);
const addresses = { queues: 'http://localhost:1', edge: 'http://localhost:2', issuer: 'http://localhost:3' };

function readRole(text: string, name: RegExp): RoleModel {
  const assets = new Map([...text.matchAll(/\b([\da-f]{64})\.zip/g)].map(([, hash = '']) => [hash, '/asset']));
  const assembly = { stackName: 'Hopcount', template: templateSchema.parse(JSON.parse(text)), assets };
  const { roles } = interpret(assembly, { addresses, secretValue: () => '{}' });
  const role = roles.find(({ functionName }) => name.test(functionName));
  if (role === undefined) throw new Error(`no role of ${name}`);
  return role;
}

it('a permission that is taken from the template is denied in the local stack', () => {
  const role = readRole(template, /Redirect/);
  const send = role.statements.find(({ actions }) => actions.includes('sqs:SendMessage'));
  const call = { action: 'sqs:SendMessage', resource: send?.resources[0] ?? '' };
  expect(createPolicy(role.statements)(call)).toBe('allowed');
  const without = template.replaceAll('"sqs:SendMessage"', '"sqs:GetQueueUrl"');
  expect(createPolicy(readRole(without, /Redirect/).statements)(call)).toBe('implicit');
});

it('a role has the statements that CDK moves to a managed policy, because its own is too long', () => {
  const kmsKeyArn = 'arn:aws:kms:us-east-1:123456789012:key/0f5b3f5e-1111-2222-3333-444455556666';
  const text = JSON.stringify(synthesize({ local: true, kmsKeyArn }).template);
  expect(text).toContain('"Type":"AWS::IAM::ManagedPolicy"');
  const decide = createPolicy(readRole(text, /^Hopcount-Api/).statements);
  for (const service of ['dynamodb', 's3', 'secretsmanager']) {
    const context = { 'kms:viaservice': [`${service}.us-east-1.amazonaws.com`] };
    expect(decide({ action: 'kms:Decrypt', resource: kmsKeyArn, context })).toBe('allowed');
  }
});
