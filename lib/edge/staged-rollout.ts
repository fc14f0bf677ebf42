import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import type { Alias } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledge } from '../constructs/acknowledge.ts';

/** Alarms that fire if a new version of redirect fails, cannot read links, or cannot send clicks. */
const rollbackAlarms = ['canary-failing', 'redirect-failing', 'lookups-failed', 'events-unsent'];

/**
 * Sends 10% of the requests to a new version of redirect for 15 minutes, then all of them. If an alarm fires meanwhile,
 * CodeDeploy returns to the former version, and CloudFormation rolls the whole update back. The alarms need two periods of
 * five minutes, so a shorter time would end before them.
 */
export class StagedRollout extends Construct {
  constructor(scope: Construct, id: string, alias: Alias, alarms: ReadonlyMap<string, IAlarm>) {
    super(scope, id);
    const group = new LambdaDeploymentGroup(this, 'Group', {
      alias,
      deploymentConfig: LambdaDeploymentConfig.CANARY_10PERCENT_15MINUTES,
      alarms: rollbackAlarms.flatMap((name) => alarms.get(name) ?? []),
    });
    const policy = `arn:<AWS::Partition>:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited`;
    acknowledge(
      group,
      `AwsSolutions-IAM4[Policy::${policy}]`,
      'the policy that AWS maintains for CodeDeploy and Lambda',
    );
  }
}
