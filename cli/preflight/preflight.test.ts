import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '#lib/configuration.ts';
import {
  json,
  xml,
  stackIn,
  capacity,
  list,
  distribution,
  ready,
  readFrom,
  problemsOf,
  account,
  certificateArn,
  everything,
} from './account.fixture.ts';
import { evaluateAccount, isFirstDeployment } from './findings.ts';

describe('the preflight', () => {
  it('finds nothing to do in an account that is ready', async () => {
    const found = evaluateAccount(parseConfiguration(everything), await readFrom(ready));
    expect(found.map(({ state, check, found }) => `${state} ${check}: ${found}`)).toEqual([
      `ok credentials: arn:aws:iam::${account}:user/ada in eu-central-1`,
      'ok bootstrap: version 30 in eu-central-1',
      'ok bootstrap: version 30 in us-east-1',
      'ok stack: Hopcount does not exist yet',
      'ok names: nothing is left of an earlier Hopcount',
      'ok concurrency: the account has 1000 concurrent executions',
      'ok mails: SES has production access',
      'ok sender: the deployment creates links@example.com in SES',
      'ok certificate: issued, and covers go.example.com',
      'ok domain: no other distribution of this account has go.example.com',
      'ok alarms: go to owner@example.com, which must confirm two mails of SNS',
      'ok budget: the cost allocation tag hopcount-stack is active',
    ]);
  });

  it('says what a new account needs', async () => {
    const responses = {
      ...ready,
      'AmazonSSM.GetParameter': json({ __type: 'ParameterNotFound' }, 400),
      '/2016-08-19/account-settings': capacity(10, 10),
      '/v2/email/account': json({ ProductionAccessEnabled: false, SendingEnabled: true, EnforcementStatus: 'HEALTHY' }),
      'AWSInsightsIndexService.ListCostAllocationTags': json({ CostAllocationTags: [] }),
    };
    expect(await problemsOf(responses)).toEqual([
      'blocks bootstrap: eu-central-1 is not bootstrapped',
      'blocks bootstrap: us-east-1 is not bootstrapped',
      'blocks concurrency: the account has 10 concurrent executions; accountConcurrency is 1000, and reservations need at least 269',
      'warning mails: SES is in the sandbox: it sends only to verified addresses, and 200 mails a day',
      'warning budget: it sees no costs: the cost allocation tag hopcount-stack is not known to Billing yet',
    ]);
    expect(await problemsOf(responses, { reserveConcurrency: false, accountConcurrency: 10 })).toEqual([
      'blocks bootstrap: eu-central-1 is not bootstrapped',
      'warning alarms: go to no one',
    ]);
  });

  it('finds what an earlier stack left behind, on every page', async () => {
    const name = 'HopcountEdgeD0C7D58DRedirectAccess-eu-central-1';
    const taken = `<OriginAccessControlSummary><Name>${name}</Name></OriginAccessControlSummary>`;
    const cacheName = 'HopcountEdgeD0C7D58DPublicPages-eu-central-1';
    const cache = `<CachePolicySummary><Type>custom</Type><CachePolicy><CachePolicyConfig><Name>${cacheName}</Name></CachePolicyConfig></CachePolicy></CachePolicySummary>`;
    const responses = {
      ...ready,
      'DynamoDB_20120810.ListTables': json({ TableNames: ['Hopcount-TablesCatalogA41E506D-1ABC', 'Orders'] }),
      '/': xml(
        'ListAllMyBucketsResult',
        '<Buckets><Bucket><Name>hopcount-lakebucketb1d32e10-1abc</Name></Bucket><Bucket><Name>hopcount-other</Name></Bucket></Buckets>',
      ),
      'AWSGlue.GetDatabase': json({ Database: { Name: 'hopcount' } }),
      'AmazonAthena.GetWorkGroup': json({ WorkGroup: { Name: 'Hopcount-jobs' } }),
      '/2020-05-31/origin-access-control': list('OriginAccessControlList', taken),
      '/2020-05-31/cache-policy': list('CachePolicyList', cache),
      '/v2/email/identities/links@example.com': json({ VerifiedForSendingStatus: true }),
      // The same page again and again: the reader must stop.
      '/2020-05-31/distribution': list(
        'DistributionList',
        distribution('E2', 'Hopcount', 'go.example.com'),
        '<NextMarker>E2</NextMarker>',
      ),
    };
    expect(await problemsOf(responses)).toEqual([
      'warning tables: an earlier stack kept Hopcount-TablesCatalogA41E506D-1ABC',
      'warning buckets: an earlier stack kept hopcount-lakebucketb1d32e10-1abc',
      'blocks Glue database: taken: hopcount',
      'blocks Athena work groups: taken: Hopcount-interactive, Hopcount-jobs',
      `blocks CloudFront names: taken: ${name}, ${cacheName}`,
      'blocks sender: links@example.com exists in SES, so the stack cannot create it',
      'blocks domain: go.example.com belongs to the distribution E2',
    ]);
    // What the removed stack kept is what the new one adopts.
    expect(await problemsOf(responses, { ...everything, adopt: true })).toEqual([
      'blocks Athena work groups: taken: Hopcount-interactive, Hopcount-jobs',
      `blocks CloudFront names: taken: ${name}, ${cacheName}`,
      'blocks sender: links@example.com exists in SES, so the stack cannot create it',
      'blocks domain: go.example.com belongs to the distribution E2',
    ]);
    // All of this belongs to the stack once it exists.
    expect(await problemsOf({ ...responses, DescribeStacks: stackIn('UPDATE_COMPLETE') })).toEqual([]);
    const { domain } = await readFrom(responses);
    expect(domain.distributions).toMatchObject({ value: { length: 10 } });
  });

  it('says which permission is missing', async () => {
    const denied = json({ __type: 'AccessDeniedException', Message: 'You are denied' }, 400);
    const deniedQuery = xml(
      'ErrorResponse',
      `<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:iam::${account}:user/ada is not authorized to perform: cloudformation:DescribeStacks on resource: arn:aws:cloudformation:eu-central-1:${account}:stack/Hopcount/*</Message></Error>`,
      403,
    );
    const responses = Object.fromEntries(
      Object.entries(ready).map(([operation, response]) => {
        if (operation === 'GetCallerIdentity') return [operation, response];
        return [operation, response.body.startsWith('{') ? denied : deniedQuery];
      }),
    );
    const problems = await problemsOf(responses);
    expect(problems).toContain('warning stack: could not check: missing permission cloudformation:DescribeStacks');
    expect(problems).toContain('warning concurrency: could not check: missing permission lambda:GetAccountSettings');
    expect(problems.filter((problem) => !problem.includes('could not check: missing permission'))).toEqual([]);
    expect(problems).toHaveLength(9);
  });

  it('says no more than that, without credentials', async () => {
    const expired = xml(
      'ErrorResponse',
      '<Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error>',
      403,
    );
    expect(await problemsOf({ ...ready, GetCallerIdentity: expired })).toEqual([
      'blocks credentials: sts:GetCallerIdentity failed: ExpiredToken: The security token included in the request is expired',
    ]);
  });
});

it.each([
  ['CREATE_COMPLETE', 'ok', false],
  ['UPDATE_ROLLBACK_COMPLETE', 'ok', false],
  ['IMPORT_COMPLETE', 'ok', false],
  ['REVIEW_IN_PROGRESS', 'ok', true],
  ['ROLLBACK_COMPLETE', 'warning', true],
  ['ROLLBACK_FAILED', 'warning', true],
  ['UPDATE_IN_PROGRESS', 'blocks', false],
  ['UPDATE_ROLLBACK_FAILED', 'blocks', false],
  ['CREATE_FAILED', 'blocks', false],
  ['DELETE_FAILED', 'blocks', false],
])('a stack in %s is %s', async (status, state, first) => {
  const found = await readFrom({ ...ready, DescribeStacks: stackIn(status) }, {});
  expect(isFirstDeployment(found)).toBe(first);
  const stack = evaluateAccount(parseConfiguration({}), found).find(({ check }) => check === 'stack');
  expect(stack?.state).toBe(state);
});

const certificate = { DomainName: 'go.example.com', Status: 'ISSUED' };

it.each([
  [certificate, 'ok', 'issued, and covers go.example.com'],
  [{ ...certificate, Status: 'PENDING_VALIDATION' }, 'blocks', 'it is not issued yet'],
  [{ ...certificate, Status: 'EXPIRED' }, 'blocks', 'its status is EXPIRED'],
  [{ ...certificate, DomainName: '*.example.com' }, 'ok', 'issued, and covers go.example.com'],
  [{ ...certificate, DomainName: '*.go.example.com' }, 'blocks', 'it covers *.go.example.com, not go.example.com'],
  [{ ...certificate, DomainName: 'example.com' }, 'blocks', 'it covers example.com, not go.example.com'],
])('the certificate %j is %s', async (Certificate, state, found) => {
  const read = await readFrom({ ...ready, 'CertificateManager.DescribeCertificate': json({ Certificate }) });
  const finding = evaluateAccount(parseConfiguration(everything), read).find(({ check }) => check === 'certificate');
  expect(finding).toMatchObject({ state, found });
});

it('refuses a certificate of another account', async () => {
  const theirs = certificateArn.replace(account, '999999999999');
  expect(await problemsOf(ready, { ...everything, certificateArn: theirs })).toEqual([
    'blocks certificate: certificateArn is of the account 999999999999',
  ]);
});

describe('concurrency', () => {
  const settings = { alarmEmail: 'owner@example.com' };

  it.each([
    [1000, 1000, undefined],
    [
      1000,
      999,
      'blocks concurrency: the account has 1000 concurrent executions, of which others reserve 1; accountConcurrency is 1000',
    ],
    [269, 269, 'blocks concurrency: the account has 269 concurrent executions; accountConcurrency is 1000'],
    [
      268,
      268,
      'blocks concurrency: the account has 268 concurrent executions; accountConcurrency is 1000, and reservations need at least 269',
    ],
  ])('of %i, with %i unreserved', async (limit, unreserved, problem) => {
    const problems = await problemsOf(
      { ...ready, '/2016-08-19/account-settings': capacity(limit, unreserved) },
      settings,
    );
    expect(problems).toEqual(problem === undefined ? [] : [problem]);
  });

  it('counts what the stack itself has reserved as its own', async () => {
    const deployed = { ...ready, DescribeStacks: stackIn('UPDATE_COMPLETE') };
    expect(await problemsOf({ ...deployed, '/2016-08-19/account-settings': capacity(1000, 120) }, settings)).toEqual(
      [],
    );
  });

  it('advises settings that are valid', async () => {
    for (const limit of [10, 268, 269, 500]) {
      const read = await readFrom({ ...ready, '/2016-08-19/account-settings': capacity(limit, limit) }, settings);
      const advice = evaluateAccount(parseConfiguration(settings), read).find(
        ({ check }) => check === 'concurrency',
      )?.advice;
      const reserveConcurrency = !advice?.includes('reserveConcurrency to false');
      const accountConcurrency = Number(/accountConcurrency to (\d+)/.exec(advice ?? '')?.[1]);
      expect(accountConcurrency).toBe(limit);
      expect(
        await problemsOf(
          { ...ready, '/2016-08-19/account-settings': capacity(limit, limit) },
          { ...settings, reserveConcurrency, accountConcurrency },
        ),
      ).toEqual([]);
    }
  });
});

it.each([
  ['example.com', json({ VerifiedForSendingStatus: true }), []],
  ['example.com', json({ VerifiedForSendingStatus: false }), ['warning sender: example.com is not verified in SES']],
  [
    'example.com',
    json({ __type: 'NotFoundException' }, 404),
    ['blocks sender: senderIdentity example.com does not exist in SES'],
  ],
])('the identity %s of the sender', async (senderIdentity, response, problems) => {
  const settings = { alarmEmail: 'owner@example.com', senderAddress: 'links@example.com', senderIdentity };
  expect(await problemsOf({ ...ready, '/v2/email/identities/example.com': response }, settings)).toEqual(problems);
});

const enabled = { KeyState: 'Enabled', KeySpec: 'SYMMETRIC_DEFAULT', KeyManager: 'CUSTOMER' };

it.each([
  ['eu-central-1', json({ KeyMetadata: enabled }), []],
  ['us-east-1', json({ KeyMetadata: enabled }), ['blocks KMS key: kmsKeyArn is of a key in us-east-1']],
  ['eu-central-1', json({ __type: 'NotFoundException' }, 400), ['blocks KMS key: kmsKeyArn does not exist']],
  [
    'eu-central-1',
    json({ KeyMetadata: { ...enabled, KeyState: 'PendingDeletion' } }),
    ['blocks KMS key: it is PendingDeletion'],
  ],
  [
    'eu-central-1',
    json({ KeyMetadata: { ...enabled, KeySpec: 'HMAC_256' } }),
    ['blocks KMS key: its type is HMAC_256'],
  ],
  ['eu-central-1', json({ KeyMetadata: { ...enabled, KeyManager: 'AWS' } }), ['blocks KMS key: it is managed by AWS']],
  [
    'eu-central-1',
    json({ __type: 'AccessDeniedException' }, 400),
    ['warning KMS key: could not check: missing permission kms:DescribeKey'],
  ],
])('a KMS key in %s', async (region, response, problems) => {
  const settings = { alarmEmail: 'owner@example.com', kmsKeyArn: `arn:aws:kms:${region}:${account}:key/0f5b3f5e` };
  expect(await problemsOf({ ...ready, 'TrentService.DescribeKey': response }, settings)).toEqual(problems);
});
