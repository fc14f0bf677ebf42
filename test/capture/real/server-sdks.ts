import { Analytics } from '@segment/analytics-node';
import RudderAnalytics from '@rudderstack/rudder-sdk-node';
import { Umami } from '@umami/node';
import { PostHog } from 'posthog-node';

/** What an application does with its SDK, as the SDK's documentation shows. */
export interface ServerSdk {
  view: () => unknown;
  identify: () => unknown;
  track: (name: string) => unknown;
  close: () => unknown;
}

/** Where events go, and the ingest key. */
export interface Target {
  origin: string;
  /** `/e/ada` */
  base: string;
  key: string;
}

interface ServerSdkEntry {
  /** Failures after which the SDK does not send again. */
  givesUp: readonly string[];
  /** Sends each event at once. */
  create: (target: Target) => ServerSdk;
}

const userId = 'user-1';
const traits = { plan: 'pro' };

export const serverSdks: Readonly<Record<string, ServerSdkEntry>> = {
  'posthog-node': {
    givesUp: [],
    create: ({ origin, base, key }) => {
      const posthog = new PostHog(key, { host: origin + base, flushAt: 1 });
      return {
        view: () => posthog.capture({ distinctId: userId, event: '$pageview' }),
        identify: () => posthog.identify({ distinctId: userId, properties: traits }),
        track: (event) => posthog.capture({ distinctId: userId, event }),
        close: () => posthog.shutdown(),
      };
    },
  },
  'segment-node': {
    givesUp: [],
    create: ({ origin, base, key }) => {
      const analytics = new Analytics({ writeKey: key, host: origin, path: `${base}/v1/batch`, flushAt: 1 });
      return {
        view: () => analytics.page({ userId, name: 'Home' }),
        identify: () => analytics.identify({ userId, traits }),
        track: (event) => analytics.track({ userId, event }),
        close: () => analytics.closeAndFlush(),
      };
    },
  },
  'rudderstack-node': {
    givesUp: [],
    create: ({ origin, base, key }) => {
      const options = { dataPlaneUrl: origin + base, errorHandler: console.error, flushAt: 1 };
      const analytics = new RudderAnalytics(key, options);
      return {
        view: () => analytics.page({ userId, name: 'Home' }),
        identify: () => analytics.identify({ userId, traits }),
        track: (event) => analytics.track({ userId, event }),
        close: () => analytics.flush(),
      };
    },
  },
  'umami-node': {
    givesUp: ['500', '429', 'offline'],
    create: ({ origin, base, key }) => {
      const umami = new Umami({ websiteId: key, hostUrl: origin + base });
      return {
        view: () => umami.track({ url: '/' }),
        identify: () => umami.identify(traits),
        track: (name) => umami.track(name),
        close: () => undefined,
      };
    },
  },
};
