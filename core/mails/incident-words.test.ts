import { expect, it } from 'vitest';
import { type Incident, incidentSchema } from '#schemas/alerts.ts';
import { backtestWords, brokenWords, incidentFacts, lineOf, sentenceOf, stateWords } from './incident-words.ts';
import { paceWords, skippedWords } from './forecast-words.ts';

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
function sentence(changes: Partial<Incident>, state: Parameters<typeof sentenceOf>[1] = 'open') {
  return plain(sentenceOf({ ...incident, ...changes }, state));
}

it('says in one sentence what happened, and where it came from', () => {
  expect(sentence({})).toBe(
    '62 % fewer views than usual since 12 Nov: about 1,240 expected, 470 came; 94 % of it from Instagram, 70 % from Austria and Germany, only /merch.',
  );
});

it.each<[Partial<Incident>, string]>([
  [{ cause: null }, '62 % fewer views than usual since 12 Nov: about 1,240 expected, 470 came.'],
  [
    { cause: null, direction: 'surge', first: { expected: 200, actual: 1310, score: 9 } },
    '6.5 times the usual views since 12 Nov: about 200 expected, 1,310 came.',
  ],
  [
    { cause: null, unit: 'rate', first: { expected: 0.2, actual: 0.08, score: 4 } },
    'Click-through rate down 60 % since 12 Nov: 20 % expected, 8.0 % came.',
  ],
  [
    {
      cause: null,
      metric: 'early',
      direction: 'silent',
      since: '2026-11-22T07+01:00',
      first: { expected: 90, actual: 0, score: 9 },
    },
    'Gone silent: 0 views in two hours since 07:00 on 22 Nov; about 90 expected, 0 came.',
  ],
])('knows a surge, a rate and a silence: %#', (changes, words) => expect(sentence(changes)).toBe(words));

it('names the days of what is over', () => {
  const over = { ...incident, cause: null, recovered: '2026-11-17', recoveredAt: 1 };
  expect(plain(lineOf(over, 'recovered'))).toBe('62 % fewer views than usual on 12 Nov');
  const longer = { ...over, lastAlert: '2026-11-14' };
  expect(plain(lineOf(longer, 'recovered'))).toBe('62 % fewer views than usual from 12 Nov to 14 Nov');
  expect(stateWords(longer, 'recovered')).toBe('Back to usual on 17 Nov');
  const hour = { ...over, recovered: '2026-11-22T09+01:00' };
  expect(stateWords(hour, 'recovered')).toBe('Back to usual at 09:00 on 22 Nov');
  expect(stateWords(hour, 'closed')).toBe('Closed');
});

it('lists causes, destinations and robots as a mail does', () => {
  expect(incidentFacts(incident).map(plain)).toEqual([
    'Of the links only /merch changed.',
    '94 % of the change comes from Instagram (800 → 78).',
    '70 % of the change comes from Austria and Germany (400 → 90, 300 → 60).',
    'Its destinations answer as they should.',
    'Robots are not counted here; they made 12 % of all requests, usually 3 %.',
  ]);
});

it('keeps marks of direction and endless texts of strangers to themselves', () => {
  const { problem } = brokenWords({ code: 'm', url: `https://x.example/\u202e${'y'.repeat(9000)}`, problem: 'a\nb' });
  expect(problem).not.toMatch(/[\u202e\n]/);
  expect(problem.length).toBeLessThan(220);
});

it('counts the alerts of a setting', () => {
  const line = { days: 90, evaluated: 76, dates: ['2026-09-03', '2026-10-12', '2026-11-16'] };
  expect(backtestWords(line, 'normal')).toBe(
    'With the setting “normal” you would have had 3 alerts in 90 days (3 Sept, 12 Oct, 16 Nov).',
  );
  expect(backtestWords({ ...line, dates: [] }, 'low')).toBe(
    'With the setting “low” you would have had no alert in 90 days.',
  );
  expect(backtestWords({ ...line, evaluated: 0 }, 'low')).toBeNull();
});

it('says where a month is heading, and why it cannot', () => {
  const pace = { month: '2026-11', goal: 10_000, soFar: 9000, expected: 12_400, low: 11_200, high: 13_900 };
  expect(paceWords({ ...pace, verdict: 'ahead' })).toBe(
    'November is heading for 12,400 views (11,200 to 13,900): ahead of the goal of 10,000.',
  );
  expect(paceWords({ ...pace, unit: 'clicks', goal: null, verdict: null })).toBe(
    'November is heading for 12,400 clicks (11,200 to 13,900).',
  );
  expect(skippedWords('short-history')).toContain('two weeks');
  expect(skippedWords('something-new')).toContain('something-new');
});
