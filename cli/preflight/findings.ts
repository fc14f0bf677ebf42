import type { Configuration } from '#lib/configuration.ts';
import { edgeConcurrency, smallestAccountConcurrency } from '#lib/concurrency.ts';
import { costTag } from '#lib/names.ts';
import { evaluateDomain } from './domain-findings.ts';
import { blocks, evaluate, type Finding, ok, warning } from './finding.ts';
import type { Account } from './read-account.ts';
import type { NamedKind } from './read-names.ts';
import type { Reply } from './reply.ts';

/** Compares the configuration with what AWS said about the account. */
export function evaluateAccount(configuration: Configuration, account: Account): Finding[] {
  const { caller, region, bootstrap, stackStatus, concurrency } = account;
  if (caller.kind === 'unread')
    return [
      blocks('credentials', caller.reason, 'sign in to AWS in this shell; `aws sts get-caller-identity` must succeed'),
    ];
  const first = isFirstDeployment(account);
  return [
    ok('credentials', `${caller.value.arn} in ${region}`),
    ...Object.entries(bootstrap).map(([each, version]) => evaluateBootstrap(version, caller.value.account, each)),
    evaluateStack(stackStatus, configuration.stackName),
    ...(first ? evaluateNames(account.names, configuration) : []),
    evaluateConcurrency(concurrency, configuration, first),
    ...evaluateMail(configuration, account, first),
    ...evaluateDomain(configuration, account, first),
    ...(account.tokenEndpoint ? [evaluateSignIn(account.tokenEndpoint, configuration)] : []),
    evaluateAlarms(configuration),
    ...(account.costTag ? [evaluateCostTag(account.costTag)] : []),
    ...evaluateKey(configuration, account),
  ];
}

/** Returns whether the deployment will create the stack. False if that could not be read. */
export function isFirstDeployment({ stackStatus }: Pick<Account, 'stackStatus'>): boolean {
  return stackStatus.kind === 'read' && createsStack(stackStatus.value);
}

/** `cdk deploy` deletes a stack whose creation failed, and creates it again (deploy-stack.ts of aws-cdk). */
const failedCreations = ['ROLLBACK_COMPLETE', 'ROLLBACK_FAILED'];

function createsStack(status: string | undefined): boolean {
  return status === undefined || status === 'REVIEW_IN_PROGRESS' || failedCreations.includes(status);
}

/** The version that the template requires; test/infra compares it. */
export const requiredBootstrap = 6;

function evaluateBootstrap(reply: Account['bootstrap'][string], account: string, region: string): Finding {
  return evaluate('bootstrap', reply, (version) => {
    const advice = `run \`npx cdk bootstrap aws://${account}/${region}\``;
    if (version === undefined) return blocks('bootstrap', `${region} is not bootstrapped`, advice);
    return version < requiredBootstrap
      ? blocks('bootstrap', `version ${version} in ${region} is older than ${requiredBootstrap}`, advice)
      : ok('bootstrap', `version ${version} in ${region}`);
  });
}

function evaluateStack(reply: Account['stackStatus'], name: string): Finding {
  return evaluate('stack', reply, (status) => {
    const found = `${name} is in ${status}`;
    if (status === undefined) return ok('stack', `${name} does not exist yet`);
    if (failedCreations.includes(status))
      return warning(
        'stack',
        `the first deployment of ${name} failed (${status})`,
        'fix its cause; the deployment deletes the failed stack and creates it again',
      );
    if (status === 'REVIEW_IN_PROGRESS' || (status.endsWith('_COMPLETE') && !status.startsWith('DELETE')))
      return ok('stack', found);
    if (status.endsWith('_IN_PROGRESS')) return blocks('stack', found, 'wait until it has finished');
    if (status === 'DELETE_FAILED')
      return blocks('stack', found, 'find out in its events what could not be deleted, and delete the stack again');
    return blocks('stack', found, `run \`npx cdk rollback ${name}\``);
  });
}

const nameRules: Readonly<Record<NamedKind, { check: string; rule: (names: string, stackName: string) => Finding }>> = {
  tables: { check: 'tables', rule: keptData('tables') },
  buckets: { check: 'buckets', rule: keptData('buckets') },
  databases: { check: 'Glue database', rule: taken('Glue database') },
  workGroups: { check: 'Athena work groups', rule: taken('Athena work groups') },
  cloudFront: { check: 'CloudFront names', rule: taken('CloudFront names') },
};

/** An earlier stack of the same name leaves data, which the new one would not use. */
function keptData(check: string) {
  return (names: string, stackName: string): Finding =>
    warning(
      check,
      `an earlier stack kept ${names}`,
      `the new ${stackName} would start empty: see "Adopting kept data" in docs/runbook.md, or delete them`,
    );
}

/** A deployment fails if a fixed name exists already. */
function taken(check: string) {
  return (names: string): Finding =>
    blocks(check, `taken: ${names}`, 'see "The deploy failed" in docs/runbook.md, or choose another stackName');
}

/** Kinds that a removed stack keeps. */
const keptKinds: ReadonlySet<NamedKind> = new Set(['tables', 'buckets', 'databases']);

function evaluateNames(names: Account['names'], { stackName, adopt }: Configuration): Finding[] {
  const kinds = (Object.keys(nameRules) as NamedKind[]).filter((kind) => !adopt || !keptKinds.has(kind));
  const findings = kinds.flatMap((kind) => {
    const { check, rule } = nameRules[kind];
    const finding = evaluate(check, names[kind], (found) =>
      found.length === 0 ? ok(check, 'none') : rule(found.join(', '), stackName),
    );
    return finding.state === 'ok' ? [] : [finding];
  });
  return findings.length === 0 ? [ok('names', `nothing is left of an earlier ${stackName}`)] : findings;
}

function evaluateConcurrency(reply: Account['concurrency'], configuration: Configuration, first: boolean): Finding {
  const { accountConcurrency: wanted, reserveConcurrency } = configuration;
  return evaluate('concurrency', reply, ({ limit, unreserved }) => {
    // Before the first deployment, others hold what is reserved.
    const available = first ? unreserved : limit;
    const quota = 'request a higher quota (Service Quotas, AWS Lambda, Concurrent executions)';
    const found = `the account has ${limit} concurrent executions${available < limit ? `, of which others reserve ${limit - available}` : ''}`;
    if (available >= wanted) return ok('concurrency', found);
    const least = smallestAccountConcurrency(configuration);
    const short = `${found}; accountConcurrency is ${wanted}`;
    if (!reserveConcurrency)
      return warning('concurrency', short, `set accountConcurrency to ${available}, and ${quota}`);
    if (available >= least) {
      const { redirect } = edgeConcurrency({ ...configuration, accountConcurrency: available });
      return blocks('concurrency', short, `set accountConcurrency to ${available}, of which redirect gets ${redirect}`);
    }
    return blocks(
      'concurrency',
      `${short}, and reservations need at least ${least}`,
      `set reserveConcurrency to false and accountConcurrency to ${available}; ${quota}, and undo this afterwards`,
    );
  });
}

function evaluateMail(configuration: Configuration, { sending, senders }: Account, first: boolean): Finding[] {
  const { senderAddress, senderIdentity } = configuration;
  if (!senderAddress || !sending)
    return [ok('mails', 'senderAddress is not set: no alerts or summaries by mail, and Cognito sends invitations')];
  const account = evaluate('mails', sending, ({ production, enforcement }) => {
    if (enforcement !== 'HEALTHY')
      return warning('mails', `SES reports ${enforcement} for this account`, 'see the reputation page of SES');
    return production
      ? ok('mails', 'SES has production access')
      : warning(
          'mails',
          'SES is in the sandbox: it sends only to verified addresses, and 200 mails a day',
          'request production access on the account page of SES',
        );
  });
  const identities = Object.entries(senders).map(([identity, reply]) =>
    evaluate('sender', reply, (found) => {
      if (found?.verified === false)
        return warning(
          'sender',
          `${identity} is not verified in SES`,
          'follow the link that SES mailed, or add its DNS records',
        );
      if (senderIdentity && !found)
        return blocks(
          'sender',
          `senderIdentity ${identity} does not exist in SES`,
          'create and verify it, or remove the setting',
        );
      return ok('sender', found ? `${identity} is verified in SES` : `the deployment creates ${identity} in SES`);
    }),
  );
  const [own] = Object.values(senders);
  if (first && !senderIdentity && own?.kind === 'read' && own.value)
    return [
      account,
      blocks(
        'sender',
        `${senderAddress} exists in SES, so the stack cannot create it`,
        `set senderIdentity to ${senderAddress}`,
      ),
    ];
  return [account, ...identities];
}

/** The dashboard requests tokens from the issuer's host, and from the one of the setting. */
function evaluateSignIn(reply: Reply<string>, { oidcIssuer, oidcTokenEndpoint }: Configuration): Finding {
  return evaluate('sign-in', reply, (endpoint) => {
    const allowed = [oidcIssuer, oidcTokenEndpoint].flatMap((url) => (url === undefined ? [] : [new URL(url).origin]));
    return allowed.includes(new URL(endpoint).origin)
      ? ok('sign-in', `the dashboard may request tokens from ${endpoint}`)
      : blocks('sign-in', `the issuer gives out tokens at ${endpoint}`, `set oidcTokenEndpoint to ${endpoint}`);
  });
}

function evaluateAlarms({ alarmEmail }: Configuration): Finding {
  return alarmEmail
    ? ok('alarms', `go to ${alarmEmail}, which must confirm two mails of SNS`)
    : warning('alarms', 'go to no one', 'set alarmEmail, or subscribe to the topics that the stack prints');
}

function evaluateCostTag(reply: Reply<string | undefined>): Finding {
  return evaluate('budget', reply, (status) =>
    status === 'Active'
      ? ok('budget', `the cost allocation tag ${costTag} is active`)
      : warning(
          'budget',
          `it sees no costs: the cost allocation tag ${costTag} is ${status === undefined ? 'not known to Billing yet' : 'inactive'}`,
          status === undefined
            ? 'a day after the first deployment, activate it in the Billing console'
            : 'activate it in the Billing console, under Cost allocation tags',
        ),
  );
}

function evaluateKey({ kmsKeyArn }: Configuration, { key, region }: Account): Finding[] {
  if (!kmsKeyArn || !key) return [];
  const keyRegion = kmsKeyArn.split(':')[3];
  if (keyRegion !== region)
    return [blocks('KMS key', `kmsKeyArn is of a key in ${keyRegion}`, `use a key in ${region}`)];
  return [
    evaluate('KMS key', key, (found) => {
      if (!found) return blocks('KMS key', 'kmsKeyArn does not exist', 'create a key, or remove the setting');
      const { KeyState: state, KeySpec: spec, KeyManager: manager } = found;
      if (state !== 'Enabled') return blocks('KMS key', `it is ${state}`, 'enable it, or use another key');
      if (spec !== 'SYMMETRIC_DEFAULT') return blocks('KMS key', `its type is ${spec}`, 'use a symmetric key');
      if (manager !== 'CUSTOMER')
        return blocks('KMS key', 'it is managed by AWS', 'create one whose policy you can set');
      return ok('KMS key', 'enabled and symmetric; see "A KMS key" in docs/operations.md for its policy');
    }),
  ];
}
