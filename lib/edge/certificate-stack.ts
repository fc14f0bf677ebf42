import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { CfnCertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Construct } from 'constructs';

export interface CertifiedDomain {
  readonly name: string;
  readonly hostedZoneId: string;
}

export interface CertificateStackProps extends StackProps {
  /** The first is the certificate's name. */
  readonly domains: readonly [CertifiedDomain, ...CertifiedDomain[]];
}

/**
 * The certificate of the distribution. CloudFront reads certificates of us-east-1 only, so it is a stack of its own; its ARN
 * is the setting `certificateArn` of the main stack, in any region. Its validation records stay in their zones, so ACM
 * renews it. Another list of domains is another certificate, with another ARN.
 */
export class CertificateStack extends Stack {
  constructor(scope: Construct, id: string, { domains, ...props }: CertificateStackProps) {
    super(scope, id, { description: 'Hopcount: certificate of the distribution', ...props });
    const certificate = new CfnCertificate(this, 'Certificate', {
      domainName: domains[0].name,
      ...(domains.length > 1 && { subjectAlternativeNames: domains.slice(1).map(({ name }) => name) }),
      validationMethod: 'DNS',
      domainValidationOptions: domains.map(({ name, hostedZoneId }) => ({ domainName: name, hostedZoneId })),
    });
    new CfnOutput(this, 'CertificateArn', {
      description: 'Value of the setting certificateArn',
      value: certificate.ref,
    });
  }
}
