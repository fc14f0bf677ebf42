// With its plugins: the other entry loads them from a server of RudderStack.
import { RudderAnalytics } from '@rudderstack/analytics-js/bundled';
import { traits, userId } from './page.ts';

const analytics = new RudderAnalytics();
analytics.load('any'.repeat(9), window.base, { configUrl: window.base });
analytics.page();
window.sdk = { track: (name) => analytics.track(name), identify: () => analytics.identify(userId, traits) };
