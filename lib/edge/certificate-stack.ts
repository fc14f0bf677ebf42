import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnCertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Construct } from 'constructs';

export interface CertificateStackProps extends StackProps {
  readonly domainName: string;
  readonly hostedZoneId: string;
}

/**
 * The certificate of the distribution. CloudFront reads certificates of us-east-1 only, so it is a stack of its own; its ARN
 * is the setting `certificateArn` of the main stack, in any region. Its validation record stays in the zone, so ACM renews it.
 */
export class CertificateStack extends Stack {
  constructor(scope: Construct, id: string, { domainName, hostedZoneId, ...props }: CertificateStackProps) {
    super(scope, id, { description: 'Hopcount: certificate of the distribution', ...props });
    const certificate = new CfnCertificate(this, 'Certificate', {
      domainName,
      validationMethod: 'DNS',
      domainValidationOptions: [{ domainName, hostedZoneId }],
    });
    new CfnOutput(this, 'CertificateArn', {
      description: 'Value of the setting certificateArn',
      value: certificate.ref,
    });
  }
}
