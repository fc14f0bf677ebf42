import type { Adapter, SdkCall, SdkRequest } from './adapter.ts';
import { amplitude } from './amplitude.ts';
import { goatcounter } from './goatcounter.ts';
import { jitsu } from './jitsu.ts';
import { matomo } from './matomo.ts';
import { mixpanel } from './mixpanel.ts';
import { openpanel } from './openpanel.ts';
import { plausible } from './plausible.ts';
import { posthog } from './posthog.ts';
import { rudderstack } from './rudderstack.ts';
import { segment } from './segment.ts';
import { snowplow } from './snowplow.ts';
import { umami } from './umami.ts';

/** Returns the call of a request, and whose it is. Undefined: no SDK sends this. */
export function readRequest(request: SdkRequest): { adapter: Adapter; call: SdkCall } | undefined {
  for (const adapter of adapters) {
    const call = adapter.read(request);
    if (call !== undefined) return { adapter, call };
  }
  return undefined;
}

/**
 * The first one that reads a request decides: RudderStack knows its batches, Segment takes the others. OpenPanel knows its
 * header, Mixpanel takes the others.
 */
const adapters: readonly Adapter[] = [
  posthog,
  rudderstack,
  segment,
  plausible,
  umami,
  goatcounter,
  openpanel,
  snowplow,
  mixpanel,
  amplitude,
  jitsu,
  matomo,
];
