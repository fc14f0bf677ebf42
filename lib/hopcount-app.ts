import { Annotations, App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { parseConfiguration } from './configuration.ts';
import { WebAclStack } from './edge/web-acl-stack.ts';
import { HopcountStack } from './hopcount-stack.ts';

/**
 * Creates the CDK app, checked by cdk-nag: one stack, and the web ACL if `managedWebAcl` is set.
 * @throws {InvalidConfiguration} if a setting in the context is invalid
 */
export function createApp(props: AppProps): App {
  const app = new App(props);
  const configuration = parseConfiguration(app.node.getAllContext());
  const { stackName, region, managedWebAcl, webAclArn } = configuration;
  new HopcountStack(app, stackName, { configuration, ...(region ? { env: { region } } : {}) });
  if (managedWebAcl) {
    // Stacks of one name in two regions have a web ACL each, both in us-east-1.
    const name = [stackName, region, 'WebAcl'].filter((part) => part !== undefined).join('-');
    const webAcl = new WebAclStack(app, name, { env: { region: 'us-east-1' } });
    if (webAclArn === undefined)
      Annotations.of(webAcl).addWarningV2(
        'hopcount:webAclArn',
        `The web ACL protects nothing yet: deploy ${name}, and set webAclArn to its output WebAclArn.`,
      );
  }
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return app;
}
