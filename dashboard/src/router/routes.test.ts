import { expect, it } from 'vitest';
import { agencyPath, linkPath, pagePath, parseRoute } from './routes.ts';

it.each([
  ['/', { view: 'home' }],
  ['/pages', { view: 'pages' }],
  [pagePath('ada.b'), { view: 'page', page: 'ada.b', tab: 'overview' }],
  [linkPath('k3x9', 'share'), { view: 'link', code: 'k3x9', tab: 'share' }],
  [agencyPath('Engines & Söhne/2'), { view: 'agency', agency: 'Engines & Söhne/2' }],
  ['/pages/ada', { view: 'unknown' }],
  ['/pages/ada/nothing', { view: 'unknown' }],
  ['/pages/ada/overview/more', { view: 'unknown' }],
  ['/links/%E0%A4%A/overview', { view: 'link', code: '%E0%A4%A', tab: 'overview' }],
])('%s', (path, route) => expect(parseRoute(path)).toEqual(route));

it('builds no path that the edge would treat as a file', () => {
  for (const path of [pagePath('a.b'), linkPath('x'), agencyPath('acme.inc')])
    expect(path.slice(path.lastIndexOf('/'))).not.toContain('.');
});
