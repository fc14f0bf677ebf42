import { addDays } from '#core/ledger/time-range.ts';
import { campaignReportSchema, campaignSchema, campaignsSchema } from '#schemas/api/insights/campaigns.ts';

/** A campaign of /ada that runs, one of its agency, and an upcoming one with the longest name. @param hostile text of an attacker */
export function campaignFixtures(now: number, hostile: string) {
  const today = new Date(now).toISOString().slice(0, 10);
  const created = '2026-10-01T08:00:00Z';
  const campaign = campaignSchema.parse({
    id: '01KSPRING',
    page: '/ada',
    agency: null,
    name: 'Notes, second edition',
    label: 'notes-2',
    from: addDays(today, -12),
    to: addDays(today, 9),
    utm: { utm_source: 'bio', utm_campaign: 'notes-2' },
    budget: { minor: 45_000, currency: 'EUR' },
    goal: { of: 'clicks', target: 12_000 },
    metric: 'm2',
    note: 'The second edition is in the story, in the bio and in two newsletters.\nBudget is for the newsletters.',
    public: true,
    partial: false,
    createdAt: created,
    updatedAt: created,
  });
  const shared = { ...campaign, id: '01KAGENCY', page: null, agency: 'engines', name: hostile, partial: true };
  const long = { ...campaign, id: '01KLONG', name: 'W'.repeat(60), label: 'x'.repeat(128), from: addDays(today, 3) };
  const asOf = new Date(now).toISOString();
  const days = Array.from({ length: 13 }, (_, at) => ({
    date: addDays(campaign.from, at),
    clicks: 380 + ((at * 137) % 290),
    visitors: at === 12 ? null : 300 + ((at * 101) % 220),
  }));
  const clicks = days.reduce((sum, day) => sum + day.clicks, 0);
  const report = campaignReportSchema.parse({
    campaign,
    totals: {
      clicks,
      visitors: days.reduce((sum, { visitors }) => sum + (visitors ?? 0), 0),
      bots: 812,
      botShare: 812 / (812 + clicks),
      conversions: {
        kinds: [
          { kind: 'lead', count: 118, rate: 0.017 },
          { kind: 'sale', count: 41, rate: 0.006 },
        ],
        revenue: [{ currency: 'EUR', amount: '1229.59' }],
      },
      costPerClick: Math.round((45_000 / clicks) * 100) / 100,
    },
    goal: { of: 'clicks', target: 12_000, value: clicks, share: clicks / 12_000, expected: 6_820, pace: 'on' },
    metric: {
      name: 'Revenue less refunds of everything that was sold on the page',
      unit: 'money',
      currency: 'EUR',
      decimals: 0,
      value: 122_959,
      error: null,
      ignored: 3,
    },
    state: 'running',
    previous: { from: addDays(today, -34), to: addDays(today, -23), clicks: 4_210, visitors: 3_300, change: 0.54 },
    days,
    links: ['In the story', hostile, 'Newsletter of November', null].map((title, at) => ({
      code: `ada-${at + 1}`,
      title,
      page: '/ada',
      clicks: Math.floor(clicks / 2 ** (at + 1)),
    })),
    otherLinks: 37,
    breakdowns: {
      referrer: ['social', 'email', 'direct'].map((value, at) => ({
        value,
        clicks: Math.floor(clicks / 2 ** (at + 1)),
      })),
      country: ['AT', 'DE', null].map((value, at) => ({ value, clicks: Math.floor(clicks / 2 ** (at + 1)) })),
      device: ['mobile', 'desktop'].map((value, at) => ({ value, clicks: Math.floor(clicks / 2 ** (at + 1)) })),
    },
    firstClick: { at: `${campaign.from}T07:02:11.000Z`, precision: 'second' },
    lastClick: { at: `${today}T14:00:00.000Z`, precision: 'hour' },
    sources: {
      settled: { source: 'rollups', asOf, stale: false },
      open: { source: 'rollups', asOf, stale: false },
      titles: { source: 'rollups', asOf, stale: false },
      metric: { source: 'lake', asOf, stale: false },
    },
    settledThrough: addDays(today, -1),
    errors: [],
    annotations: [
      { id: 'a1', page: '/ada', at: campaign.from, text: 'Newsletter sent', url: null, source: 'user' },
      {
        id: 'a2',
        page: '/ada',
        at: `${today}T08:00:00.000Z`,
        text: hostile,
        url: 'https://example.com/',
        source: 'key',
      },
    ],
  });
  return { list: campaignsSchema.parse({ rows: [long, campaign, shared] }), report };
}
