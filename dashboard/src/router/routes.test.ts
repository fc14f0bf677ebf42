import { expect, it } from 'vitest';
import {
  agencyPath,
  campaignPath,
  linkPath,
  pagePath,
  parsePublicCampaign,
  parseRoute,
  publicCampaignPath,
} from './routes.ts';

it.each([
  ['/', { view: 'home' }],
  ['/pages', { view: 'pages' }],
  [pagePath('ada.b'), { view: 'page', page: 'ada.b', tab: 'overview' }],
  [linkPath('k3x9', 'share'), { view: 'link', code: 'k3x9', tab: 'share' }],
  [agencyPath('Engines & Söhne/2'), { view: 'agency', agency: 'Engines & Söhne/2' }],
  [campaignPath('01K'), { view: 'campaign', id: '01K' }],
  ['/campaigns/01K', { view: 'campaign', id: '01K' }],
  ['/campaigns/01K/nothing', { view: 'unknown' }],
  ['/campaigns', { view: 'unknown' }],
  ['/pages/ada', { view: 'unknown' }],
  ['/pages/ada/nothing', { view: 'unknown' }],
  ['/pages/ada/overview/more', { view: 'unknown' }],
  ['/links/%E0%A4%A/overview', { view: 'link', code: '%E0%A4%A', tab: 'overview' }],
])('%s', (path, route) => expect(parseRoute(path)).toEqual(route));

it('tells the public page of a campaign', () => {
  expect(parsePublicCampaign(publicCampaignPath('01KX'))).toBe('01KX');
  expect(parsePublicCampaign('/public/campaigns/01KX/more')).toBeUndefined();
  expect(parsePublicCampaign(campaignPath('01KX'))).toBeUndefined();
});

it('builds no path that the edge would treat as a file', () => {
  for (const path of [pagePath('a.b'), linkPath('x'), agencyPath('acme.inc')])
    expect(path.slice(path.lastIndexOf('/'))).not.toContain('.');
});
