import settings from '../cdk.json' with { type: 'json' };
import { createApp } from '../lib/hopcount-app.ts';

// The CDK CLI hands over the context of cdk.json itself, and what it says wins; the local stack runs this file alone.
createApp({ context: settings.context }).synth();
