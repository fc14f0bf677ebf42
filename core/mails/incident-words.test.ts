import { expect, it } from 'vitest';
import { type Incident, incidentSchema } from '#schemas/alerts.ts';
import {
  describeBacktest,
  describeBroken,
  listFacts,
  summarizeBroken,
  buildLead,
  buildLine,
  buildRecovery,
  buildSentence,
  describeState,
} from './incident-words.ts';
import { describePace, explainNoForecast } from './forecast-words.ts';

function value(name: string, before: number, after: number, share: number) {
  return { value: name, before, after, share };
}
const incident = incidentSchema.parse({
  id: '2026-11-12#traffic',
  page: '/ada',
  metric: 'traffic',
  method: 'default',
  direction: 'drop',
  since: '2026-11-12',
  lastAlert: '2026-11-12',
  recovered: null,
  openedAt: 0,
  recoveredAt: null,
  unit: 'views',
  first: { expected: 1238, actual: 470, score: 6 },
  end: null,
  cause: {
    change: -0.62,
    dimensions: [
      { dimension: 'link', values: [value('merch', 600, 5, 0.97)], share: 0.97, surprise: 0.3 },
      { dimension: 'referrer', values: [value('Instagram', 800, 78, 0.94)], share: 0.94, surprise: 0.2 },
      {
        dimension: 'country',
        values: [value('AT', 400, 90, 0.4), value('DE', 300, 60, 0.3)],
        share: 0.7,
        surprise: 0.1,
      },
    ],
    bots: { before: 0.03, after: 0.12 },
  },
  broken: [],
  checked: true,
});
function plain(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}
function sentence(changes: Partial<Incident>, state: Parameters<typeof buildSentence>[1] = 'open') {
  return plain(buildSentence({ ...incident, ...changes }, state));
}

it('describes an incident and its cause in one sentence', () => {
  expect(sentence({})).toBe(
    '62% fewer views than usual since 12 Nov: 470 views, about 1,240 expected; 94% of the change from Instagram, 70% from Austria and Germany, only /merch changed.',
  );
});

it.each<[Partial<Incident>, string]>([
  [{ cause: null }, '62% fewer views than usual since 12 Nov: 470 views, about 1,240 expected.'],
  [
    { cause: null, direction: 'surge', first: { expected: 200, actual: 1310, score: 9 } },
    '6.5 times the usual views since 12 Nov: 1,310 views, about 200 expected.',
  ],
  [
    { cause: null, unit: 'rate', first: { expected: 0.2, actual: 0.08, score: 4 } },
    'Click-through rate down 60% since 12 Nov: 8.0%, 20% expected.',
  ],
  [
    {
      cause: null,
      metric: 'early',
      direction: 'silent',
      since: '2026-11-22T07+01:00',
      first: { expected: 90, actual: 0, score: 9 },
    },
    'Traffic stopped: 0 views in two hours since 07:00 on 22 Nov; about 90 expected.',
  ],
])('describes surges, rates and stopped traffic: %#', (changes, words) => expect(sentence(changes)).toBe(words));

it('names the three hours of a steady page', () => {
  const hours = { ...incident, cause: null, metric: 'early', since: '2026-11-22T07+01:00', hours: 3 } as const;
  expect(plain(buildLead(hours))).toBe(
    '470 views in the 3 hours from 07:00 on Sunday 22 November. Expected: about 1,240.',
  );
  expect(plain(buildRecovery(hours))).toBe(
    '62% fewer views than usual in the 3 hours from 07:00 on Sunday 22 November. Back to normal for two hours.',
  );
});

it('names the days of past incidents', () => {
  const over = { ...incident, cause: null, recovered: '2026-11-17', recoveredAt: 1 };
  expect(plain(buildLine(over, 'recovered'))).toBe('62% fewer views than usual on 12 Nov');
  const longer = { ...over, lastAlert: '2026-11-14' };
  expect(plain(buildLine(longer, 'recovered'))).toBe('62% fewer views than usual from 12 Nov to 14 Nov');
  expect(describeState(longer, 'recovered')).toBe('Back to normal on 17 Nov');
  const hour = { ...over, recovered: '2026-11-22T09+01:00' };
  expect(describeState(hour, 'recovered')).toBe('Back to normal at 09:00 on 22 Nov');
  expect(describeState(hour, 'closed')).toBe('Closed');
});

it('lists causes, destinations and bots', () => {
  expect(listFacts(incident).map(plain)).toEqual([
    'Only /merch changed; other links did not.',
    '94% of the change comes from Instagram (800 → 78).',
    '70% of the change comes from Austria and Germany (400 → 90, 300 → 60).',
    'All destinations respond normally.',
    'Bots made 12% of all requests (usually 3%). They are not counted.',
  ]);
});

it('names links by their titles', () => {
  const [link] = incident.cause?.dimensions ?? [];
  const values = [{ ...value('k3x9', 600, 5, 0.97), title: 'Spring \u202emerch' }];
  const titled = { ...incident, cause: { ...incident.cause, dimensions: [{ ...link, values }] } };
  const named = incidentSchema.parse(titled);
  expect(listFacts(named)[0]).toBe('Only Spring merch (/k3x9) changed; other links did not.');
  expect(plain(buildSentence(named, 'open'))).toContain('; only Spring merch (/k3x9) changed.');
  expect(describeBroken({ code: 'k3x9', title: 'Spring merch', url: 'https://a.example/', problem: 'b' }).name).toBe(
    'Spring merch (/k3x9)',
  );
});

it('counts the links that are broken, not their destinations', () => {
  const one = { code: 'm', url: 'https://a.example/', problem: 'returns HTTP 404' };
  expect(summarizeBroken([])).toBeNull();
  expect(summarizeBroken([one, { ...one, url: 'https://b.example/' }])).toBeNull();
  expect(summarizeBroken([one, { ...one, code: 'n' }])).toBe('2 links are broken');
});

it('says that checking failed', () => {
  const facts = listFacts({ ...incident, checked: false, checkProblem: 'its host name could not be looked up' });
  expect(facts).toContain(
    "The destinations could not be checked: Hopcount's own test address failed in the same way (its host name could not be looked up).",
  );
});

it('removes direction marks and truncates user text', () => {
  const { problem } = describeBroken({
    code: 'm',
    url: `https://x.example/\u202e${'y'.repeat(9000)}`,
    problem: 'a\nb',
  });
  expect(problem).not.toMatch(/[\u202e\n]/);
  expect(problem.length).toBeLessThan(220);
});

it('describes the backtest of a setting', () => {
  const line = { days: 90, evaluated: 76, dates: ['2026-09-03', '2026-10-12', '2026-11-16'] };
  expect(describeBacktest(line, 'normal')).toBe(
    'With the setting “normal”, you would have received 3 alerts in 90 days (3 Sept, 12 Oct, 16 Nov).',
  );
  expect(describeBacktest({ ...line, dates: [] }, 'low')).toBe(
    'With the setting “low”, you would have received no alerts in 90 days.',
  );
  expect(describeBacktest({ ...line, evaluated: 0 }, 'low')).toBeNull();
});

it('describes the pace of a month, or why there is none', () => {
  const pace = { month: '2026-11', goal: 10_000, soFar: 9000, expected: 12_400, low: 11_200, high: 13_900 };
  expect(describePace({ ...pace, probability: 0.844, verdict: 'on-course' })).toBe(
    'Forecast for November: 12,400 views (11,200 to 13,900), on course for the goal of 10,000: 84% likely to reach it.',
  );
  expect(describePace({ ...pace, probability: 0.998, verdict: 'ahead' })).toMatch(/: over 99% likely to reach it\.$/);
  expect(describePace({ ...pace, probability: 0.004, verdict: 'behind' })).toMatch(/: under 1% likely to reach it\.$/);
  expect(describePace({ ...pace, probability: 1, verdict: 'reached' })).toMatch(/, past the goal of 10,000\.$/);
  expect(describePace({ ...pace, verdict: 'ahead' })).toBe(
    'Forecast for November: 12,400 views (11,200 to 13,900), ahead of the goal of 10,000.',
  );
  expect(describePace({ ...pace, unit: 'clicks', goal: null, verdict: null })).toBe(
    'Forecast for November: 12,400 clicks (11,200 to 13,900).',
  );
  expect(explainNoForecast('short-history')).toContain('two weeks');
  expect(explainNoForecast('something-new')).toContain('something-new');
});

it.each(['2026-12-25', '2026-12-25T07+01:00'])('names the holiday of an incident since %s', (since) =>
  expect(listFacts({ ...incident, since })[0]).toBe('25 Dec is Christmas Day.'),
);
