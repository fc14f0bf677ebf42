import { App, type AppProps, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks, ServerlessChecks } from 'cdk-nag';
import { parseConfiguration } from './configuration.ts';
import { HopcountStack } from './hopcount-stack.ts';

/**
 * Creates the CDK app: one stack, checked by cdk-nag.
 * @throws {InvalidConfiguration} if a setting in the context is invalid
 */
export function createApp(props: AppProps): App {
  const app = new App(props);
  const configuration = parseConfiguration(app.node.getAllContext());
  const { stackName, region } = configuration;
  new HopcountStack(app, stackName, { configuration, ...(region ? { env: { region } } : {}) });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
  return app;
}
