import { posthog } from 'posthog-js';
import { traits, userId } from './page.ts';

posthog.init('any', { api_host: window.base });
window.sdk = { track: (name) => posthog.capture(name), identify: () => posthog.identify(userId, traits) };
