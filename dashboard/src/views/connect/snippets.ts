/** How an SDK sends its events here. */
export interface Snippet {
  name: string;
  /** A server needs an ingest key; a browser needs a registered site. */
  runs: 'browser' | 'server';
  language: 'HTML' | 'JavaScript';
  code: string;
}

/** Stands for an ingest key where none was just created. */
export const keyPlaceholder = '<ingest key>';

/**
 * Returns what to paste for each SDK. docs/capture.md has the same options.
 * @param origin the stack's address: `https://go.example`
 * @param page the page's path without its slash
 */
export function snippetsOf(origin: string, page: string, key: string): readonly Snippet[] {
  const base = `${origin}/e/${page}`;
  const host = new URL(origin).host;
  const protocol = new URL(origin).protocol.replace(':', '');
  return [
    {
      name: 'Hopcount tracker',
      runs: 'browser',
      language: 'HTML',
      code: `<script defer src="${origin}/t.js" data-page="/${page}"></script>`,
    },
    {
      name: 'PostHog',
      runs: 'browser',
      language: 'JavaScript',
      code: `posthog.init('${page}', {\n  api_host: '${base}',\n  defaults: '2026-01-30',\n});`,
    },
    {
      name: 'Segment',
      runs: 'browser',
      language: 'JavaScript',
      code: `AnalyticsBrowser.load(\n  { writeKey: '${page}', cdnURL: '${base}' },\n  { integrations: { 'Segment.io': { apiHost: '${host}/e/${page}/v1', protocol: '${protocol}' } } },\n);`,
    },
    {
      name: 'RudderStack',
      runs: 'browser',
      language: 'JavaScript',
      // The SDK refuses a write key that has not 27 letters and digits.
      code: `new RudderAnalytics().load('100000000000000000000000000', '${base}', {\n  configUrl: '${base}',\n});`,
    },
    {
      name: 'Plausible',
      runs: 'browser',
      language: 'JavaScript',
      code: `init({\n  domain: '${page}',\n  endpoint: '${base}/api/event',\n  outboundLinks: true,\n});`,
    },
    {
      name: 'Umami',
      runs: 'browser',
      language: 'HTML',
      code: `<script defer src="https://your-umami.example/script.js"\n  data-website-id="${page}"\n  data-host-url="${base}"></script>`,
    },
    {
      name: 'GoatCounter',
      runs: 'browser',
      language: 'HTML',
      code: `<script data-goatcounter="${base}/count"\n  async src="https://gc.zgo.at/count.js"></script>`,
    },
    {
      name: 'OpenPanel',
      runs: 'browser',
      language: 'JavaScript',
      code: `new OpenPanel({\n  clientId: '${page}',\n  apiUrl: '${base}',\n  trackScreenViews: true,\n  trackOutgoingLinks: true,\n});`,
    },
    {
      name: 'Snowplow',
      runs: 'browser',
      language: 'JavaScript',
      code: `newTracker('sp', '${base}', {\n  appId: '${page}',\n  plugins: [LinkClickTrackingPlugin()],\n});`,
    },
    {
      name: 'Mixpanel',
      runs: 'browser',
      language: 'JavaScript',
      code: `mixpanel.init('${page}', {\n  api_host: '${base}',\n  track_pageview: true,\n  autocapture: true,\n});`,
    },
    {
      name: 'Amplitude',
      runs: 'browser',
      language: 'JavaScript',
      code: `amplitude.init('${page}', {\n  serverUrl: '${base}/2/httpapi',\n  autocapture: true,\n});`,
    },
    {
      name: 'Jitsu',
      runs: 'browser',
      language: 'JavaScript',
      code: `jitsuAnalytics({\n  host: '${base}',\n  writeKey: '${page}',\n});`,
    },
    {
      name: 'PostHog for Node.js',
      runs: 'server',
      language: 'JavaScript',
      code: `new PostHog('${key}', {\n  host: '${base}',\n});`,
    },
    {
      name: 'Segment for Node.js',
      runs: 'server',
      language: 'JavaScript',
      code: `new Analytics({\n  writeKey: '${key}',\n  host: '${origin}',\n  path: '/e/${page}/v1/batch',\n});`,
    },
    {
      name: 'RudderStack for Node.js',
      runs: 'server',
      language: 'JavaScript',
      code: `new RudderAnalytics('${key}', {\n  dataPlaneUrl: '${base}',\n  // Without it, a broken connection ends the application.\n  errorHandler: console.error,\n});`,
    },
    {
      name: 'Umami for Node.js',
      runs: 'server',
      language: 'JavaScript',
      code: `new Umami({\n  websiteId: '${key}',\n  hostUrl: '${base}',\n});`,
    },
    {
      name: 'OpenPanel for Node.js',
      runs: 'server',
      language: 'JavaScript',
      code: `new OpenPanel({\n  clientId: '${page}',\n  clientSecret: '${key}',\n  apiUrl: '${base}',\n});`,
    },
    {
      name: 'Snowplow for Node.js',
      runs: 'server',
      language: 'JavaScript',
      code: `newTracker(\n  { namespace: 'sp', appId: '${key}' },\n  { endpoint: '${base}' },\n);`,
    },
    {
      name: 'Mixpanel for Node.js',
      runs: 'server',
      language: 'JavaScript',
      code: `Mixpanel.init('${key}', {\n  host: '${host}',\n  path: '/e/${page}',\n  protocol: '${protocol}',\n});`,
    },
    {
      name: 'Amplitude for Node.js',
      runs: 'server',
      language: 'JavaScript',
      code: `init('${key}', {\n  serverUrl: '${base}/2/httpapi',\n});`,
    },
    {
      name: 'Jitsu for Node.js',
      runs: 'server',
      language: 'JavaScript',
      code: `jitsuAnalytics({\n  host: '${base}',\n  writeKey: '${key}',\n});`,
    },
    {
      name: 'Matomo for Node.js',
      runs: 'server',
      language: 'JavaScript',
      code: `new MatomoTracker('${key}', '${base}/matomo.php');`,
    },
  ];
}
