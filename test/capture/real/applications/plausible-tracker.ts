import Plausible from 'plausible-tracker';
import './page.ts';

type Tracker = ReturnType<typeof Plausible.default>;

// Its types are those of its CommonJS build, which a bundler does not take.
const create = Plausible as unknown as (options: object) => Tracker;
const plausible = create({ domain: 'ada.example', apiHost: window.base, trackLocalhost: true });
plausible.enableAutoPageviews();
plausible.enableAutoOutboundTracking();
window.sdk = { track: (name) => plausible.trackEvent(name), identify: () => undefined };
