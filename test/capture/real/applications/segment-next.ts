import { AnalyticsBrowser } from '@segment/analytics-next';
import { traits, userId } from './page.ts';

const { host, pathname } = new URL(window.base);
const analytics = AnalyticsBrowser.load(
  { writeKey: 'any', cdnURL: window.base },
  { integrations: { 'Segment.io': { apiHost: `${host}${pathname}/v1`, protocol: 'http' } } },
);
void analytics.page();
window.sdk = { track: (name) => analytics.track(name), identify: () => analytics.identify(userId, traits) };
