import { describe, expect, it } from 'vitest';
import {
  type AlarmState,
  evaluateAlarms,
  evaluateConcurrency,
  evaluateMails,
  evaluateOrigin,
  type TopicState,
} from './aws-findings.ts';

const arn = 'arn:aws:sns:eu-central-1:111122223333:Alarms';
const alarm: AlarmState = { name: 'Hopcount-lost', firing: false, topics: [arn] };
const deny = { Effect: 'Deny', Principal: '*', Action: 'sns:Publish' };
const allow = { Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' }, Action: 'sns:Publish' };
const topic: TopicState = { arn, policy: JSON.stringify({ Statement: [deny, allow] }), confirmed: 1, pending: 0 };

function statesOf(alarms: AlarmState[], topics: TopicState[]): Record<string, string> {
  return Object.fromEntries(evaluateAlarms(alarms, topics).map(({ check, state }) => [check, state]));
}

describe('alarms', () => {
  const good = { 'alarm actions': 'ok', 'alarm topics': 'ok', 'alarm subscriptions': 'ok', alarms: 'ok' };

  it('reach a person through an action, a topic that CloudWatch may publish to, and a subscription', () => {
    expect(statesOf([alarm], [topic])).toEqual(good);
    const lists = {
      ...allow,
      Principal: { Service: ['budgets.amazonaws.com', 'cloudwatch.amazonaws.com'] },
      Action: ['SNS:Publish'],
    };
    expect(statesOf([alarm], [{ ...topic, policy: JSON.stringify({ Statement: lists }) }])).toEqual(good);
  });

  it.each([
    ['an alarm without an action', [{ ...alarm, topics: [] }], [topic], { 'alarm actions': 'error' }],
    [
      'a policy that only denies',
      [alarm],
      [{ ...topic, policy: JSON.stringify({ Statement: [deny] }) }],
      { 'alarm topics': 'error' },
    ],
    ['no policy', [alarm], [{ ...topic, policy: '' }], { 'alarm topics': 'error' }],
    [
      'an unconfirmed subscription',
      [alarm],
      [{ ...topic, confirmed: 0, pending: 1 }],
      { 'alarm subscriptions': 'error' },
    ],
    ['an alarm that fires', [{ ...alarm, firing: true }], [topic], { alarms: 'warning' }],
  ])('are not right with %s', (_name, alarms, topics, different) => {
    expect(statesOf(alarms, topics)).toEqual({ ...good, ...different });
  });
});

it.each([
  [evaluateConcurrency({ limit: 1_000, unreserved: 142 }), 'ok'],
  [evaluateConcurrency({ limit: 10, unreserved: 10 }), 'warning'],
  [evaluateMails(undefined), 'ok'],
  [evaluateMails({ production: true, enabled: true }), 'ok'],
  [evaluateMails({ production: false, enabled: true }), 'warning'],
  [evaluateMails({ production: true, enabled: false }), 'error'],
  [evaluateOrigin('redirect', 403), 'ok'],
  [evaluateOrigin('redirect', 200), 'error'],
])('%j is %s', (finding, state) => {
  expect(finding.state).toBe(state);
  expect(finding.advice === undefined).toBe(state === 'ok');
});
