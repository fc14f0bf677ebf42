import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import type { TableModel } from '../template/model.ts';
import { readBucketCalls, readListingCall } from './bucket-calls.ts';
import { createAccess } from './access.ts';
import { createPolicy } from './policy.ts';
import { readMailCalls, readQueueCalls, readServiceCalls } from './service-calls.ts';
import { readTableCalls } from './table-calls.ts';

/** Returns `dynamodb:GetItem table/catalog [page#a]` for each call of a request to DynamoDB. */
function tableCalls(operation: string, input: unknown): string[] {
  return readTableCalls(operation, JSON.stringify(input), [catalog]).map(
    ({ action, resource, context }) =>
      `${action} ${resource.split(':').at(-1)} [${context?.['dynamodb:leadingkeys']?.join()}]`,
  );
}

const catalog: TableModel = {
  name: 'catalog',
  keySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  attributes: [],
  indexes: [{ IndexName: 'listing', KeySchema: [{ AttributeName: 'gpk', KeyType: 'HASH' }], Projection: {} }],
  timeToLive: undefined,
};

function keyOf(pk: string) {
  return { pk: { S: pk }, sk: { S: 'x' } };
}

describe('the calls of a request', () => {
  it('to DynamoDB name the partitions of all items', () => {
    const TableName = 'catalog';
    expect(tableCalls('PutItem', { TableName, Item: keyOf('a') })).toEqual(['dynamodb:PutItem table/catalog [a]']);
    const names = { '#p': 'gpk', '#s': 'gsk' };
    const query = {
      TableName,
      IndexName: 'listing',
      KeyConditionExpression: '#p = :p AND begins_with(#s, :s)',
      ExpressionAttributeNames: names,
      ExpressionAttributeValues: { ':p': { S: 'pages' }, ':s': { S: '/' } },
    };
    expect(tableCalls('Query', query)).toEqual(['dynamodb:Query table/catalog/index/listing [pages]']);
    expect(tableCalls('BatchGetItem', { RequestItems: { catalog: { Keys: [keyOf('a'), keyOf('b')] } } })).toEqual([
      'dynamodb:BatchGetItem table/catalog [a,b]',
    ]);
    const writes = [{ PutRequest: { Item: keyOf('a') } }, { DeleteRequest: { Key: keyOf('b') } }];
    expect(tableCalls('BatchWriteItem', { RequestItems: { catalog: writes } })).toEqual([
      'dynamodb:BatchWriteItem table/catalog [a,b]',
    ]);
    expect(tableCalls('Scan', { TableName })).toEqual(['dynamodb:Scan table/catalog []']);
  });

  it('to DynamoDB need each item of a transaction alone and with the others', () => {
    const TransactItems = [
      { Put: { TableName: 'catalog', Item: keyOf('a') } },
      { ConditionCheck: { TableName: 'catalog', Key: keyOf('b') } },
    ];
    expect(tableCalls('TransactWriteItems', { TransactItems })).toEqual([
      'dynamodb:PutItem table/catalog [a]',
      'dynamodb:PutItem table/catalog [a,b]',
      'dynamodb:ConditionCheckItem table/catalog [b]',
      'dynamodb:ConditionCheckItem table/catalog [a,b]',
    ]);
    const puts = ['a', 'b', 'a'].map((key) => ({ Put: { TableName: 'catalog', Item: keyOf(key) } }));
    expect(tableCalls('TransactWriteItems', { TransactItems: puts })).toEqual([
      'dynamodb:PutItem table/catalog [a]',
      'dynamodb:PutItem table/catalog [a,b]',
      'dynamodb:PutItem table/catalog [b]',
    ]);
  });

  it.each([
    ['GET', '/lake/raw/a%20b', '', ['s3:GetObject arn:aws:s3:::lake/raw/a b']],
    ['PUT', '/lake/raw/a?x-id=PutObject', '', ['s3:PutObject arn:aws:s3:::lake/raw/a']],
    ['GET', '/lake?list-type=2&prefix=raw%2F', '', ['s3:ListBucket arn:aws:s3:::lake raw/']],
    [
      'POST',
      '/lake?delete',
      '<Delete><Object><Key>raw/a&amp;b</Key></Object><Object><Key>c</Key></Object></Delete>',
      ['s3:DeleteObject arn:aws:s3:::lake/raw/a&b', 's3:DeleteObject arn:aws:s3:::lake/c'],
    ],
  ])('to S3 name the object or the prefix: %s %s', (method, url, body, expected) => {
    const calls = readBucketCalls(request(method, url), Buffer.from(body));
    expect(
      calls.map(({ action, resource, context }) => [action, resource, context?.['s3:prefix']].join(' ').trim()),
    ).toEqual(expected);
  });

  it('to S3 for an object that may be missing need the list of the bucket', () => {
    expect(readListingCall(request('HEAD', '/lake/raw/a'))).toEqual({
      action: 's3:ListBucket',
      resource: 'arn:aws:s3:::lake',
    });
    expect(readListingCall(request('PUT', '/lake/raw/a'))).toBeUndefined();
  });

  it('to the other services name the queue, work group, Glue tables and mail identity', () => {
    function resourcesOf(target: string, input: unknown): string[] {
      return readServiceCalls(target, input, () => 'jobs').map(({ resource }) =>
        resource.split(':').slice(5).join(':'),
      );
    }
    expect(readQueueCalls('SendMessageBatch', '{"QueueUrl":"http://h/000000000000/Clicks"}')).toEqual([
      { action: 'sqs:SendMessage', resource: 'arn:aws:sqs:us-east-1:000000000000:Clicks' },
    ]);
    expect(resourcesOf('AmazonAthena.GetQueryResults', { QueryExecutionId: '1' })).toEqual(['workgroup/jobs']);
    expect(resourcesOf('AWSGlue.GetPartition', { DatabaseName: 'd', TableName: 't' })).toEqual([
      'catalog',
      'database/d',
      'table/d/t',
    ]);
    const senders = [{ address: 'a@example.com', configurationSet: 'Sending' }];
    expect(readMailCalls({ FromEmailAddress: 'A <a@example.com>' }, senders).map(({ resource }) => resource)).toEqual([
      'arn:aws:ses:us-east-1:000000000000:identity/a@example.com',
      'arn:aws:ses:us-east-1:000000000000:configuration-set/Sending',
    ]);
  });
});

function request(method: string, url: string): IncomingMessage {
  return Object.assign(Object.create(null), { method, url, headers: {} });
}

it('evaluates wildcards, conditions and denials as IAM does', () => {
  const page = { operator: 'ForAllValues:StringLike', key: 'dynamodb:LeadingKeys', values: ['page#*'] } as const;
  const decide = createPolicy([
    { effect: 'Allow', actions: ['dynamodb:*Item'], resources: ['table/*'], conditions: [page] },
    { effect: 'Deny', actions: ['dynamodb:DeleteItem'], resources: ['*'], conditions: [] },
    {
      effect: 'Allow',
      actions: ['s3:ListBucket'],
      resources: ['lake'],
      conditions: [{ operator: 'StringLike', key: 's3:prefix', values: ['raw/*'] }],
    },
  ]);
  function decideItem(action: string, resource: string, ...keys: string[]) {
    return decide({ action, resource, context: { 'dynamodb:leadingkeys': keys } });
  }
  expect(decideItem('dynamodb:GetItem', 'table/a', 'page#a', 'page#b')).toBe('allowed');
  // The same target again, with other keys: what is remembered of a target leaves its conditions out.
  expect(decideItem('dynamodb:GetItem', 'table/a', 'page#a', 'user#b')).toBe('implicit');
  // `ForAllValues` holds for a request without keys.
  expect(decideItem('dynamodb:GetItem', 'table/a')).toBe('allowed');
  expect(decideItem('dynamodb:GetItem', 'index/a', 'page#a')).toBe('implicit');
  expect(decideItem('dynamodb:DeleteItem', 'table/a', 'page#a')).toBe('explicit');
  expect(decide({ action: 's3:ListBucket', resource: 'lake', context: { 's3:prefix': ['raw/a'] } })).toBe('allowed');
  expect(decide({ action: 's3:ListBucket', resource: 'lake' })).toBe('implicit');
});

describe('the policy of a resource', () => {
  const anyTopic = { actions: ['sns:Publish'], resources: ['*'], conditions: [] };
  const role = { functionName: 'Jobs', roleName: 'JobsRole' };
  const incoming = Object.assign(Object.create(null), { headers: { authorization: 'Credential=Jobs/' } });

  function denialOf(own: 'Allow' | 'none', effect: 'Allow' | 'Deny', principal: string): string {
    const access = createAccess({
      roles: [{ ...role, statements: own === 'none' ? [] : [{ effect: own, ...anyTopic }] }],
      resourceStatements: [{ effect, ...anyTopic, principals: [principal] }],
      denied: () => undefined,
    });
    return access.findDenial(incoming, [{ action: 'sns:Publish', resource: 'topic' }])?.split('topic ')[1] ?? 'allowed';
  }

  it.each([
    ['Allow', 'Deny', '*', 'with an explicit deny in a resource-based policy'],
    ['Allow', 'Deny', 'arn:aws:iam::000000000000:role/JobsRole', 'with an explicit deny in a resource-based policy'],
    ['Allow', 'Deny', 'arn:aws:iam::000000000000:role/Other', 'allowed'],
    ['none', 'Allow', 'arn:aws:iam::000000000000:role/JobsRole', 'allowed'],
    [
      'none',
      'Allow',
      'arn:aws:iam::000000000000:role/Other',
      'because no identity-based policy allows the sns:Publish action',
    ],
  ] as const)('own statement %s, theirs %s for %s: %s', (own, effect, principal, expected) => {
    expect(denialOf(own, effect, principal)).toBe(expected);
  });
});
