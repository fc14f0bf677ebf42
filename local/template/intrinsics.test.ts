import { describe, expect, it } from 'vitest';
import { evaluate, noValue, type Scope, UnsupportedTemplate } from './intrinsics.ts';

const scope: Scope = {
  reference: (logicalId) => (logicalId === 'AWS::NoValue' ? noValue : `ref:${logicalId}`),
  attribute: (logicalId, name) => `${logicalId}/${name}`,
  condition: (name) => name === 'Yes',
  mapping: (map, first, second) => `${map}.${first}.${second}`,
};

describe('intrinsics', () => {
  it.each([
    [{ Ref: 'Queue' }, 'ref:Queue'],
    [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'Queue/Arn'],
    [{ 'Fn::GetAtt': 'Queue.Arn' }, 'Queue/Arn'],
    [{ 'Fn::Join': ['-', ['a', { Ref: 'B' }, 3]] }, 'a-ref:B-3'],
    [{ 'Fn::Select': [1, { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    [{ 'Fn::Sub': '${Queue.Arn} of ${AWS::Region}, ${!literal}' }, 'Queue/Arn of ref:AWS::Region, ${literal}'],
    [{ 'Fn::Sub': ['${x}-${Q}', { x: { Ref: 'X' } }] }, 'ref:X-ref:Q'],
    [{ 'Fn::If': ['Yes', 'then', 'else'] }, 'then'],
    [{ 'Fn::If': ['No', 'then', { Ref: 'E' }] }, 'ref:E'],
    [{ 'Fn::FindInMap': ['M', { Ref: 'A' }, 'b'] }, 'M.ref:A.b'],
    [{ 'Fn::Equals': ['a', 'a'] }, true],
    [{ 'Fn::Not': [{ Condition: 'Yes' }] }, false],
    [{ 'Fn::And': [{ Condition: 'Yes' }, { 'Fn::Equals': [1, 1] }] }, true],
    [{ 'Fn::Or': [{ Condition: 'No' }, { Condition: 'Yes' }] }, true],
  ])('%j is %j', (value, expected) => {
    expect(evaluate(value, scope)).toEqual(expected);
  });

  it('leaves out what AWS::NoValue stands for, in objects and in lists', () => {
    const nothing = { Ref: 'AWS::NoValue' };
    expect(evaluate({ a: nothing, b: [1, nothing, 2], c: { 'Fn::If': ['No', 1, nothing] } }, scope)).toEqual({
      b: [1, 2],
    });
  });

  it('keeps an IAM statement, whose Condition is no intrinsic', () => {
    const statement = { Condition: { StringEquals: { a: 'b' } } };
    expect(evaluate(statement, scope)).toEqual(statement);
  });

  it('names an intrinsic that it does not know', () => {
    expect(() => evaluate({ 'Fn::ImportValue': 'x' }, scope)).toThrow(UnsupportedTemplate);
    expect(() => evaluate({ 'Fn::ImportValue': 'x' }, scope)).toThrow('Fn::ImportValue');
  });
});
