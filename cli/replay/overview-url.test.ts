import { expect, it } from 'vitest';
import { overviewUrl } from './overview-url.ts';

const page = { path: '/old.log', timeZone: 'Asia/Tokyo' };

it.each([
  ['2015-07-01T03:00:00Z', '2015-07-01T16:00:00Z', 'from=2015-07-01&to=2015-07-02'],
  ['2014-01-01T00:00:00Z', '2015-07-01T00:00:00Z', 'from=2014-05-28&to=2015-07-01'],
])('a log from %s to %s is shown on its dates in the zone of the page', (first, last, query) => {
  expect(overviewUrl('http://localhost:8787', page, { first: Date.parse(first), last: Date.parse(last) })).toBe(
    `http://localhost:8787/app/pages/old.log/overview?${query}`,
  );
});
