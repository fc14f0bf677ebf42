import { Stack, Validations } from 'aws-cdk-lib';
import type { CfnResource } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** Accepts a policy whose resource is everything below a named one: `<bucket>/raw/*`. */
export function acknowledgeBelow(policyOwner: IConstruct, named: CfnResource, suffix: string, reason: string): void {
  const logicalId = Stack.of(named).getLogicalId(named);
  acknowledge(policyOwner, `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>${suffix}]`, reason);
}

/**
 * Accepts one finding of cdk-nag on a construct and what is below it. An id without the pack's prefix matches
 * nothing and says nothing, so the prefix is added here: `AwsSolutions-S1` becomes `AwsSolutions::AwsSolutions-S1`.
 */
export function acknowledge(construct: IConstruct, rule: string, reason: string): void {
  const pack = rule.split('-', 1)[0];
  Validations.of(construct).acknowledge({ id: `${pack}::${rule}`, reason });
}
