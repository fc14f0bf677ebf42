import { Annotations, App, type AppProps, Validations } from 'aws-cdk-lib';
import { ManagedPolicy, PermissionsBoundary } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { type Configuration, parseConfiguration } from './configuration.ts';
import { encryptStores } from './encryption.ts';
import { CertificateStack } from './edge/certificate-stack.ts';
import { WebAclStack } from './edge/web-acl-stack.ts';
import { HopcountStack } from './hopcount-stack.ts';

/**
 * Creates the CDK app, checked by cdk-nag: one stack, and the web ACL and the certificate if the settings ask for them.
 * @throws {InvalidConfiguration} if a setting in the context is invalid
 */
export function createApp(props: AppProps): App {
  const app = new App(props);
  const configuration = parseConfiguration(app.node.getAllContext());
  const { stackName, region } = configuration;
  const stack = new HopcountStack(app, stackName, { configuration, ...(region ? { env: { region } } : {}) });
  if (configuration.kmsKeyArn !== undefined) encryptStores(stack, configuration.kmsKeyArn);
  if (configuration.permissionsBoundary !== undefined) bound(stack, configuration.permissionsBoundary);
  if (configuration.adopt)
    Annotations.of(stack).addWarningV2(
      'hopcount:adopt',
      'Only for an import: a deployment with `adopt` counts no new files.',
    );
  if (configuration.managedWebAcl) addWebAcl(app, configuration);
  if (configuration.managedCertificate) addCertificate(stack, configuration);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return app;
}

/** Also bounds the roles of CDK's own functions, because it changes the template's roles after all are created. */
function bound(stack: HopcountStack, arn: string): void {
  PermissionsBoundary.of(stack).apply(ManagedPolicy.fromManagedPolicyArn(stack, 'PermissionsBoundary', arn));
}

function addWebAcl(app: App, configuration: Configuration): void {
  const webAcl = new WebAclStack(app, nameInUsEast1(configuration, 'WebAcl'), usEast1);
  if (configuration.webAclArn === undefined)
    Annotations.of(webAcl).addWarningV2(
      'hopcount:webAclArn',
      `The web ACL protects nothing yet: deploy ${webAcl.stackName}, and set webAclArn to its output WebAclArn.`,
    );
}

function addCertificate(stack: HopcountStack, configuration: Configuration): void {
  const { domainName, hostedZoneId, certificateArn, linkDomains } = configuration;
  if (domainName === undefined || hostedZoneId === undefined) return;
  const name = nameInUsEast1(configuration, 'Certificate');
  const others = linkDomains.flatMap((domain) =>
    domain.hostedZoneId === undefined ? [] : [{ name: domain.name, hostedZoneId: domain.hostedZoneId }],
  );
  new CertificateStack(stack.node.root, name, { ...usEast1, domains: [{ name: domainName, hostedZoneId }, ...others] });
  // An error only stops the deployment of this stack, so the certificate can be deployed first.
  if (certificateArn === undefined)
    Annotations.of(stack).addError(
      `${domainName} has no certificate yet: deploy ${name}, and set certificateArn to its output CertificateArn.`,
    );
}

const usEast1 = { env: { region: 'us-east-1' } };

/** Stacks of one name in two regions each have their own, both in us-east-1. */
function nameInUsEast1({ stackName, region }: Configuration, suffix: string): string {
  return [stackName, region, suffix].filter((part) => part !== undefined).join('-');
}
