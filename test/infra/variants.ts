/** Settings that together reach every resource of the stack. */
export const variants = {
  'as it is configured': {},
  'with mails and alarms by mail': {
    senderAddress: 'alerts@example.com',
    alarmEmail: 'owner@example.com',
    monthlyBudget: 50,
  },
  'with a domain, access logs and warm environments': {
    domainName: 'go.example.com',
    hostedZoneId: 'Z0123456789',
    linkDomains: [{ name: 'go.acme.example', hostedZoneId: 'Z9876543210' }],
    managedCertificate: true,
    certificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/0f5b3f5e-1111-2222-3333-444455556666',
    accessLogs: true,
    provisionedConcurrency: 2,
  },
  'with a web ACL, a secret for redirect and a staged rollout': {
    redirectAccess: 'secret',
    stagedRollout: true,
    managedWebAcl: true,
    webAclArn: 'arn:aws:wafv2:us-east-1:123456789012:global/webacl/mine/0f5b3f5e-1111-2222-3333-444455556666',
  },
  'with a KMS key for everything that is kept, and settled events that expire': {
    kmsKeyArn: 'arn:aws:kms:us-east-1:123456789012:key/0f5b3f5e-1111-2222-3333-444455556666',
    redirectAccess: 'secret',
    stagedRollout: true,
    settledDays: 400,
    accessLogs: true,
    senderAddress: 'alerts@example.com',
    alarmEmail: 'owner@example.com',
    monthlyBudget: 50,
  },
  'with your own issuer': { oidcIssuer: 'https://id.example.com', oidcAudience: 'hopcount' },
} as const;
