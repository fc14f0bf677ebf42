import type { Concurrency, Sending } from '#cli/account-settings.ts';
import type { Finding } from './findings.ts';

/** An alarm of the stack, as CloudWatch describes it. */
export interface AlarmState {
  name: string;
  firing: boolean;
  /** Topics that it notifies; empty if its actions are turned off. */
  topics: readonly string[];
}

export interface TopicState {
  arn: string;
  /** Its access policy as JSON. */
  policy: string;
  confirmed: number;
  pending: number;
}

/** Follows each alarm to a person: an action, a topic that CloudWatch may publish to, and a confirmed subscription. */
export function evaluateAlarms(alarms: readonly AlarmState[], topics: readonly TopicState[]): Finding[] {
  const silent = alarms.filter((alarm) => alarm.topics.length === 0).map(({ name }) => name);
  const closed = topics.filter(({ policy }) => !letsCloudWatchPublish(policy)).map(({ arn }) => arn);
  const unheard = topics.filter(({ confirmed }) => confirmed === 0).map(({ arn }) => arn);
  const firing = alarms.filter((alarm) => alarm.firing).map(({ name }) => name);
  return [
    silent.length === 0
      ? { check: 'alarm actions', state: 'ok', found: `${alarms.length} alarms notify a topic` }
      : {
          check: 'alarm actions',
          state: 'error',
          found: `${silent.join(', ')} notify no topic`,
          advice: 'deploy again, or enable the actions in CloudWatch',
        },
    closed.length === 0
      ? { check: 'alarm topics', state: 'ok', found: `CloudWatch may publish to ${topics.length} topics` }
      : {
          check: 'alarm topics',
          state: 'error',
          found: `CloudWatch may not publish to ${closed.join(', ')}`,
          advice: "deploy again: the topic's access policy was changed",
        },
    unheard.length === 0
      ? { check: 'alarm subscriptions', state: 'ok', found: 'each topic has a confirmed subscription' }
      : {
          check: 'alarm subscriptions',
          state: 'error',
          found: `no one receives ${unheard.join(', ')}${topics.some(({ pending }) => pending > 0) ? '; some subscriptions wait to be confirmed' : ''}`,
          advice: 'press the link in the mail of SNS, set `alarmEmail`, or subscribe an address to the topic',
        },
    firing.length === 0
      ? { check: 'alarms', state: 'ok', found: 'none is firing' }
      : { check: 'alarms', state: 'warning', found: firing.join(', '), advice: 'see its heading in docs/runbook.md' },
  ];
}

function letsCloudWatchPublish(policy: string): boolean {
  return statementsOf(policy).some((statement) => {
    const actions = listOf(fieldOf(statement, 'Action')).map((action) => action.toLowerCase());
    const services = listOf(fieldOf(fieldOf(statement, 'Principal'), 'Service'));
    return (
      fieldOf(statement, 'Effect') === 'Allow' &&
      services.includes('cloudwatch.amazonaws.com') &&
      actions.includes('sns:publish')
    );
  });
}

function statementsOf(policy: string): unknown[] {
  const statement = fieldOf(JSON.parse(policy || '{}'), 'Statement');
  return Array.isArray(statement) ? statement : [statement];
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

/** Policies write a list of one as its item. */
function listOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === 'string');
}

export function evaluateConcurrency({ limit, unreserved }: Concurrency): Finding {
  const check = 'concurrency';
  const reserved = limit - unreserved;
  const found = `${limit} executions at once in this account and region, ${reserved} of them reserved`;
  return reserved > 0
    ? { check, state: 'ok', found }
    : {
        check,
        state: 'warning',
        found,
        advice:
          'request a higher quota, and deploy with `reserveConcurrency`: any function can use up what redirect needs',
      };
}

/** @param account undefined if the stack sends no mails */
export function evaluateMails(account: Pick<Sending, 'production' | 'enabled'> | undefined): Finding {
  const check = 'mails';
  if (account === undefined) return { check, state: 'ok', found: 'the stack sends none' };
  if (!account.enabled)
    return {
      check,
      state: 'error',
      found: 'SES has stopped sending',
      advice: 'see "mail-reputation" in docs/runbook.md',
    };
  return account.production
    ? { check, state: 'ok', found: 'SES sends to any address' }
    : {
        check,
        state: 'warning',
        found: 'SES is in the sandbox: only verified addresses get mails',
        advice: 'request production access in the SES console',
      };
}

/** @param status of a request to an origin that did not come through CloudFront */
export function evaluateOrigin(name: string, status: number): Finding {
  const check = `direct access to ${name}`;
  return status === 403
    ? { check, state: 'ok', found: 'refused' }
    : {
        check,
        state: 'error',
        found: `status ${status} instead of 403`,
        advice: 'deploy again: requests that bypass CloudFront can forge addresses',
      };
}

/** What only a deployed stack can show. */
export const onlyOnAws: readonly Finding[] = [
  { check: 'signatures', state: 'unknown', found: 'whether CloudFront signs odd paths as Lambda expects' },
  { check: 'viewer headers', state: 'unknown', found: 'address, port, country and network that CloudFront tells' },
  {
    check: 'limits of services',
    state: 'unknown',
    found: 'throttling, cold starts, and how soon logs and messages arrive',
  },
  {
    check: 'Athena',
    state: 'unknown',
    found: 'UNLOAD, projected partitions, and permissions of Glue and Lake Formation',
  },
  { check: 'alarms', state: 'unknown', found: 'their actions, topics and subscriptions' },
  { check: 'concurrency', state: 'unknown', found: "the account's quota" },
  { check: 'mails', state: 'unknown', found: 'whether SES is in the sandbox' },
  { check: 'direct access', state: 'unknown', found: 'whether origins refuse requests that bypass CloudFront' },
];
