import { describe, expect, it } from 'vitest';
import { type AlertState, nextAlertState, toLastAlert, unwatched } from './alert-state.ts';
import { dateOfDay } from './daily-series.ts';
import type { Evaluation } from './evaluation.ts';

const evidence = { expected: 100, actual: 40, usual: 100, score: 5, probability: 1e-6 };
const evaluations: Record<string, Evaluation> = {
  d: { kind: 'alert', direction: 'drop', ...evidence },
  s: { kind: 'alert', direction: 'surge', ...evidence },
  '.': { kind: 'not-significant', reason: 'usual', ...evidence },
  '-': { kind: 'skipped', reason: 'missing' },
};

/** Runs one letter per day, each day twice as a scheduler may, and names the mails by day. */
function mails(days: string): string[] {
  let state: AlertState = unwatched;
  return days.split('').flatMap((letter, day) => {
    const evaluation = evaluations[letter] ?? { kind: 'skipped', reason: 'missing' };
    const date = dateOfDay(20_000 + day);
    const first = nextAlertState(state, date, evaluation);
    const second = nextAlertState(first.state, date, evaluation);
    state = second.state;
    return [first.mail, second.mail].flatMap((mail) => (mail === null ? [] : [`${day} ${mail}`]));
  });
}

describe('nextAlertState', () => {
  it.each([
    ['one mail when it opens, one when it ends', '..ddd....', ['2 alert', '7 recovery']],
    ['quiet days between do not end it', '.d..d..d.', ['1 alert']],
    ['a gap neither ends nor opens it', '.d------...', ['1 alert', '10 recovery']],
    ['a relapse is the same story', '.d...d....', ['1 alert', '4 recovery']],
    ['a change of direction is news', '.ds...', ['1 alert', '2 alert', '5 recovery']],
    [
      'weeks later it is another story',
      `.d...${'.'.repeat(14)}d...`,
      ['1 alert', '4 recovery', '19 alert', '22 recovery'],
    ],
  ])('%s', (_, days, expected) => expect(mails(days)).toEqual(expected));
});

describe('storyOf', () => {
  it.each<[string, string, { lastAlert: number; open: number | null; mayContinue?: boolean } | undefined]>([
    ['nothing before the first alert', '...', undefined],
    ['an incident on the day after its alert', '.s', { lastAlert: 1, open: 1 }],
    ['an incident over one quiet day', '.s.', { lastAlert: 1, open: 1 }],
    ['an incident over missing days', '.s--', { lastAlert: 1, open: 1 }],
    ['an incident that may not continue after two', '.s..', { lastAlert: 1, open: 1, mayContinue: false }],
    ['only its date once it has recovered', '.ss......', { lastAlert: 2, open: null }],
  ])('tells %s', (_, days, expected) => {
    const state = days
      .split('')
      .reduce<AlertState>(
        (before, letter, day) =>
          nextAlertState(before, dateOfDay(20_000 + day), evaluations[letter] ?? { kind: 'skipped', reason: 'missing' })
            .state,
        unwatched,
      );
    function dated(day: number): string {
      return dateOfDay(20_000 + day);
    }
    expect(toLastAlert(state)).toEqual(
      expected && {
        lastAlert: dated(expected.lastAlert),
        open:
          expected.open === null
            ? null
            : {
                direction: 'surge',
                since: dated(expected.open),
                usual: 100,
                mayContinue: expected.mayContinue ?? true,
              },
      },
    );
  });
});
