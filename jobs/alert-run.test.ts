import { describe, expect, it } from 'vitest';
import { pageStateSchema } from '#schemas/alerts.ts';
import { StoreUnavailable } from '#stores/errors.ts';
import { createCheckBudget } from './daily-detection/check-budget.ts';
import { groupByOwners } from './daily-detection/detect-daily.ts';
import { checkDestinations } from './daily-detection/explain-alert.ts';
import { plainLink, plainPage } from '#core/links/link.fixture.ts';
import { inTurns, recordRun } from './alert-run.ts';

function createRun() {
  const stored: unknown[] = [];
  const deps = { alerts: { putRun: async (run: unknown) => void stored.push(run) }, now: () => 0 };
  return { stored, run: { job: 'daily', time: 0, deps } as const };
}

it('leaves out a page that fails for a reason of its own, stores the record, and fails in the end', async () => {
  const { stored, run } = createRun();
  const done: string[] = [];
  const failing = recordRun(run, async (_counts, attempt) => {
    for (const page of ['/a', '/b', '/c'])
      await attempt(page, async () => {
        if (page === '/b') throw new StoreUnavailable('item of 500 KB refused');
        done.push(page);
      });
  });
  await expect(failing).rejects.toThrow('daily: 1 pages failed');
  expect(done).toEqual(['/a', '/c']);
  expect(stored).toMatchObject([{ skipped: { failed: 1 } }]);
});

it('ends at once when the table does not respond', async () => {
  const { stored, run } = createRun();
  const timedOut = Object.assign(new Error('timed out'), { name: 'TimeoutError' });
  const failing = recordRun(run, (_counts, attempt) =>
    attempt('/a', () => Promise.reject(new StoreUnavailable('query failed', { cause: timedOut }))),
  );
  await expect(failing).rejects.toThrow('query failed');
  expect(stored).toEqual([]);
});

it('lets owners take turns', () => {
  const pages = ['a1', 'a2', 'a3', 'b1', 'c1', 'c2'];
  expect(inTurns(pages, (page) => page.slice(0, 1))).toEqual(['a1', 'b1', 'c1', 'a2', 'c2', 'a3']);
});

it('checks the destinations of other owners when those of one never respond', async () => {
  let clock = 0;
  const limits = { run: 180_000, owner: 45_000, page: 15_000 };
  const deadlineOf = createCheckBudget(() => clock, limits);
  const deps = {
    now: () => clock,
    listLinksOfPage: async (path: string) => ({
      rows: Array.from({ length: 20 }, (_, at) => ({
        ...plainLink,
        code: `l${at}`,
        url: `https://${path.slice(1)}/${at}`,
      })),
      next: undefined,
    }),
    checkDestination: async (url: string) => {
      if (url.startsWith('https://slow')) clock += 2_000;
      return undefined;
    },
  };
  function check(path: string, agency: string | null) {
    return checkDestinations(deps, path, deadlineOf({ ...plainPage, path, agency }));
  }
  const slow = [];
  for (let at = 0; at < 100; at++) slow.push(await check(`/slow${at}`, 'north'));
  expect(slow.some(({ checked }) => checked)).toBe(false);
  // An owner's last page may begin a round of checks just before the end.
  expect(clock).toBeLessThanOrEqual(limits.owner + 10_000);
  expect(await check('/ada', 'south')).toEqual({ broken: [], checked: true });
});

describe('destinations that all fail alike', () => {
  function check(problems: Readonly<Record<string, string>>, urls: readonly string[]) {
    const rows = urls.map((url, at) => ({ ...plainLink, code: `l${at}`, title: `Link ${at}`, url }));
    return checkDestinations(
      {
        now: () => 0,
        listLinksOfPage: async () => ({ rows, next: undefined }),
        checkDestination: async (url) => problems[new URL(url).hostname],
      },
      '/ada',
      1,
    );
  }
  const offline = 'its host name could not be looked up';

  it('are not called broken if an address that always works fails in the same way', async () => {
    const problems = { 'a.example': offline, 'b.example': offline, 'checkip.amazonaws.com': offline };
    expect(await check(problems, ['https://a.example/', 'https://b.example/'])).toEqual({
      broken: [],
      checked: false,
      checkProblem: offline,
    });
  });

  it('are broken if that address works', async () => {
    expect(await check({ 'a.example': offline }, ['https://a.example/1', 'https://a.example/2'])).toMatchObject({
      broken: [
        { code: 'l0', title: 'Link 0' },
        { code: 'l1', title: 'Link 1' },
      ],
      checked: true,
    });
  });

  it('are broken if only some fail, or differently', async () => {
    const problems = { 'a.example': offline, 'b.example': 'returns HTTP 404', 'checkip.amazonaws.com': offline };
    expect((await check(problems, ['https://a.example/', 'https://b.example/'])).broken).toHaveLength(2);
    expect((await check(problems, ['https://a.example/', 'https://c.example/'])).broken).toHaveLength(1);
  });

  it('are not checked, so nothing failed, without links', async () => {
    expect(await check({ 'checkip.amazonaws.com': offline }, [])).toEqual({ broken: [], checked: false });
  });
});

it('evaluates pages in groups, with the pages of an owner together', () => {
  const due = Array.from({ length: 4100 }, (_, at) => ({
    page: { ...plainPage, path: `/p${at}`, agency: at % 2 === 0 ? 'north' : at % 4 === 1 ? null : 'south' },
    state: pageStateSchema.parse({ page: `/p${at}` }),
    dates: ['2026-11-22'],
  }));
  const groups = groupByOwners(due);
  expect(groups.flat()).toHaveLength(due.length);
  expect(groups.length).toBeGreaterThan(1);
  for (const agency of ['north', 'south'])
    expect(groups.filter((group) => group.some(({ page }) => page.agency === agency))).toHaveLength(1);
  expect(Math.max(...groups.map(({ length }) => length))).toBe(2050);
});
