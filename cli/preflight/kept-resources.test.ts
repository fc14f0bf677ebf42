import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect, it, onTestFinished } from 'vitest';
import { listenLocally } from '#local/aws/listen.ts';
import { readKeptResources } from './kept-resources.ts';

const stackId = 'arn:aws:cloudformation:eu-central-1:123456789012:stack/Hopcount/0f5b3f5e-1111-2222-3333-444455556666';

type Row = readonly [logicalId: string, type: string, id: string, status: string];

const rows: readonly Row[] = [
  ['Catalog', 'AWS::DynamoDB::Table', 'Hopcount-Catalog-1', 'DELETE_SKIPPED'],
  ['Gone', 'AWS::DynamoDB::Table', 'Hopcount-Gone-1', 'DELETE_COMPLETE'],
  ['Database', 'AWS::Glue::Database', 'hopcount', 'DELETE_SKIPPED'],
  ['Raw', 'AWS::Glue::Table', 'raw_events', 'DELETE_SKIPPED'],
  ['View', 'AWS::Glue::Table', '123456789012|hopcount|events', 'DELETE_SKIPPED'],
  [
    'Secret',
    'AWS::SecretsManager::Secret',
    'arn:aws:secretsmanager:eu-central-1:123456789012:secret:m',
    'DELETE_SKIPPED',
  ],
];

/** Serves CloudFormation, two rows a page. */
async function readFrom(listed: readonly Row[], unprovisionable: readonly string[] = []) {
  const server = await listenLocally(
    createServer((incoming, outgoing) => {
      void text(incoming).then((body) => {
        const form = new URLSearchParams(body);
        const action = form.get('Action') ?? '';
        const result =
          action === 'DescribeType'
            ? `<ProvisioningType>${unprovisionable.includes(form.get('TypeName') ?? '') ? 'NON_PROVISIONABLE' : 'FULLY_MUTABLE'}</ProvisioningType>`
            : listPage(listed, Number(form.get('NextToken') ?? 0));
        outgoing.writeHead(200, { 'content-type': 'text/xml' });
        outgoing.end(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
      });
    }),
  );
  onTestFinished(server.stop);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  return readKeptResources(stackId, { endpoint: server.url, credentials });
}

function listPage(listed: readonly Row[], from: number): string {
  const members = listed
    .slice(from, from + 2)
    .map(
      ([logicalId, type, id, status]) =>
        `<member><LogicalResourceId>${logicalId}</LogicalResourceId><ResourceType>${type}</ResourceType><PhysicalResourceId>${id}</PhysicalResourceId><ResourceStatus>${status}</ResourceStatus></member>`,
    );
  const next = from + 2 < listed.length ? `<NextToken>${from + 2}</NextToken>` : '';
  return `<StackResourceSummaries>${members.join('')}</StackResourceSummaries>${next}`;
}

const table = { Catalog: { TableName: 'Hopcount-Catalog-1' } };
const secret = { Secret: { Id: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:m' } };

it('identifies what a removed stack has kept, and nothing that was deleted', async () => {
  expect(await readFrom(rows)).toEqual({
    mapping: {
      ...table,
      Database: { DatabaseName: 'hopcount' },
      Raw: { CatalogId: '123456789012', DatabaseName: 'hopcount', Name: 'raw_events' },
      View: { CatalogId: '123456789012', DatabaseName: 'hopcount', Name: 'events' },
      ...secret,
    },
    refused: [],
  });
});

it.each(['AWS::Glue::Table', 'AWS::Glue::Database'])(
  'leaves the database and its tables out where %s cannot be imported',
  async (type) => {
    expect(await readFrom(rows, [type])).toEqual({ mapping: { ...table, ...secret }, refused: [type] });
  },
);

it('names a type that it does not know', async () => {
  const other: Row = ['Key', 'AWS::KMS::Key', 'k', 'DELETE_SKIPPED'];
  expect(await readFrom([...rows, other])).toMatchObject({ refused: ['AWS::KMS::Key'] });
});

it('says so if the stack has kept nothing, or is none', async () => {
  await expect(readFrom(rows.filter(([id]) => id === 'Gone'))).rejects.toThrow('has kept nothing');
  await expect(readKeptResources('Hopcount')).rejects.toThrow(
    '`--adopt` must be the id of a removed stack, `arn:aws:cloudformation:…`; got `Hopcount`',
  );
});
