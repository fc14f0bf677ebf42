import type { Adapter } from './adapter.ts';
import { goatcounter } from './goatcounter.ts';
import { openpanel } from './openpanel.ts';
import { plausible } from './plausible.ts';
import { posthog } from './posthog.ts';
import { rudderstack } from './rudderstack.ts';
import { segment } from './segment.ts';
import { umami } from './umami.ts';

/** The first one that reads a request decides; RudderStack knows its batches, Segment takes the others. */
export const adapters: readonly Adapter[] = [posthog, rudderstack, segment, plausible, umami, goatcounter, openpanel];
