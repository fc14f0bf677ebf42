import { init, track } from '@plausible-analytics/tracker';
import './page.ts';

init({
  domain: 'ada.example',
  endpoint: `${window.base}/api/event`,
  outboundLinks: true,
  captureOnLocalhost: true,
});
window.sdk = { track: (name) => track(name, {}), identify: () => undefined };
