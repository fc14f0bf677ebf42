import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';
import type { Construct } from 'constructs';

/** Requests of one address within five minutes: 50 a second, for a mobile carrier whose customers share it. */
const requestsOfAddress = 15_000;

/** The same for an address on AWS's reputation list: one person, but no flood. */
const requestsOfListedAddress = 100;

const windowSeconds = 300;

/** Label that the rules of the reputation list put on a request. */
const listedLabel = 'awswaf:managed:aws:amazon-ip-list:';

/**
 * A web ACL for the distribution. CloudFront reads web ACLs of us-east-1 only, so it is a stack of its own; its ARN is the
 * setting `webAclArn` of the main stack, in any region.
 *
 * The reputation list alone blocks no request: visitors behind a listed address of a carrier or a VPN would be lost, and
 * the ledger could not tell, because blocked requests never reach the stack.
 */
export class WebAclStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps) {
    super(scope, id, { description: 'Hopcount: web ACL of the distribution', ...props });
    const webAcl = new CfnWebACL(this, 'WebAcl', {
      scope: 'CLOUDFRONT',
      description: 'lib/edge/web-acl-stack.ts',
      defaultAction: { allow: {} },
      visibilityConfig: visibility('All'),
      rules: [
        {
          name: 'AmazonIpReputation',
          priority: 0,
          overrideAction: { count: {} },
          statement: {
            managedRuleGroupStatement: { vendorName: 'AWS', name: 'AWSManagedRulesAmazonIpReputationList' },
          },
          visibilityConfig: visibility('AmazonIpReputation'),
        },
        rateRule('ListedAddresses', 1, requestsOfListedAddress, {
          labelMatchStatement: { scope: 'NAMESPACE', key: listedLabel },
        }),
        rateRule('EveryAddress', 2, requestsOfAddress),
      ],
    });
    new CfnOutput(this, 'WebAclArn', {
      description: 'Value of the setting webAclArn',
      value: webAcl.attrArn,
    });
  }
}

function rateRule(
  name: string,
  priority: number,
  limit: number,
  scopeDownStatement?: CfnWebACL.StatementProperty,
): CfnWebACL.RuleProperty {
  const responseHeaders = [{ name: 'retry-after', value: String(windowSeconds) }];
  return {
    name,
    priority,
    action: { block: { customResponse: { responseCode: 429, responseHeaders } } },
    statement: {
      rateBasedStatement: { aggregateKeyType: 'IP', evaluationWindowSec: windowSeconds, limit, scopeDownStatement },
    },
    visibilityConfig: visibility(name),
  };
}

function visibility(metricName: string): CfnWebACL.VisibilityConfigProperty {
  return { cloudWatchMetricsEnabled: true, sampledRequestsEnabled: true, metricName };
}
