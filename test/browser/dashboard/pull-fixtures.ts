import type { PullView } from '#schemas/api/pulls.ts';

const pull: PullView = {
  id: '01KBPULL000000000000000001',
  page: '/ada',
  tool: 'bitly',
  from: null,
  createdAt: '2026-11-22T07:00:00.000Z',
  state: 'running',
  dryRun: true,
  message: null,
  continuesAt: null,
  requests: 1_204,
  found: { links: 1_031, rows: 48_213, count: 190_114, first: '2019-03-05', last: '2026-11-21' },
  links: { rows: 1_031, accepted: 1_001, repeated: 18, refused: 12 },
  notes: [],
  refused: null,
  historyImport: null,
};

/** A pull in each state; those that need someone say why. */
export const fixturePulls: readonly PullView[] = [
  {
    ...pull,
    id: '01KBPULL000000000000000001',
    state: 'waiting',
    message: 'the clicks of bit.ly/3xYz: limits the rate of requests; attempt 2 of 8',
    continuesAt: '2026-11-22T08:15:00.000Z',
  },
  {
    ...pull,
    id: '01KBPULL000000000000000002',
    tool: 'dub',
    state: 'paused',
    message:
      'the days of dub.sh/launch: `token` must be an API key with the scopes `links.read` and `analytics.read`, for clicks of a plan with analytics in the API; the one given was refused (HTTP 403)',
  },
  {
    ...pull,
    id: '01KBPULL000000000000000003',
    tool: 'shlink',
    from: 'a-very-long-name-of-an-instance-that-does-not-fit.links.example.com',
    state: 'previewed',
    notes: [{ text: 'orphan visits: they belong to no short URL', count: 37 }],
    refused: [
      {
        link: 'https://s.example/größe',
        message: '`code`: must be 1 to 64 of the characters A-Z a-z 0-9 _ -; got `größe`.',
      },
      { link: `https://s.example/${'x'.repeat(80)}`, message: 'The code `xx` is taken by another link.' },
    ],
  },
  {
    ...pull,
    id: '01KBPULL000000000000000005',
    tool: 'shlink',
    from: 's.exmaple.org',
    state: 'failed',
    requests: 1,
    found: { links: 0, rows: 0, count: 0, first: null, last: null },
    message:
      '`server` must be the https address of an instance of Shlink, such as https://s.example, without `/rest` and what follows; got `https://s.exmaple.org`: its host name does not exist',
  },
  {
    ...pull,
    id: '01KBPULL000000000000000006',
    from: 'Ba1bc23dE4G',
    state: 'failed',
    requests: 1,
    found: { links: 0, rows: 0, count: 0, first: null, last: null },
    message: '`group` must be one of `Ba1bc23dE4F` (Shop), `Bb2cd34eF5G` (Newsletter); got `Ba1bc23dE4G`',
  },
  { ...pull, id: '01KBPULL000000000000000004', tool: 'plausible', from: 'shop.example', dryRun: false, state: 'done' },
];
