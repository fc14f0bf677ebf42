import settings from '../cdk.json' with { type: 'json' };
import { InvalidConfiguration } from '../lib/configuration.ts';
import { createApp } from '../lib/hopcount-app.ts';

// The CDK CLI hands over the context of cdk.json itself, and what it says wins; the local stack runs this file alone.
try {
  createApp({ context: settings.context }).synth();
} catch (error) {
  if (!(error instanceof InvalidConfiguration)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
