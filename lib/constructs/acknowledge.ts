import { Stack, Validations } from 'aws-cdk-lib';
import type { CfnResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Accepts a policy on everything below one named resource, such as `<bucket>/raw/*`. */
export function acknowledgeBelow(policyOwner: IConstruct, named: CfnResource, suffix: string, reason: string): void {
  const logicalId = Stack.of(named).getLogicalId(named);
  acknowledge(policyOwner, `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>${suffix}]`, reason);
}

/**
 * Accepts one finding of cdk-nag on a construct and its children. Ids need the pack as a prefix, or cdk-nag silently
 * ignores them: `AwsSolutions-S1` becomes `AwsSolutions::AwsSolutions-S1`.
 */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  const pack = rule.split('-', 1)[0];
  Validations.of(construct).acknowledge({ id: `${pack}::${rule}`, reason });
}
