import { type HistoryImportView, historyImportSchema } from '#schemas/history/history-api.ts';

const hostile = '<img src=x onerror="document.title=1">‮=HYPERLINK("//x")';

const base: HistoryImportView = {
  id: '01KHISTORY0000000000000000',
  page: '/ada',
  fileName: 'visits.csv',
  bytes: 48_213,
  format: 'auto',
  zone: null,
  until: null,
  state: 'done',
  dryRun: true,
  createdAt: '2026-11-22T09:00:00Z',
  progress: null,
  totals: { rows: 1310, accepted: 1204, refused: 6, repeated: 100 },
  message: null,
  upload: null,
  report: null,
};

/** One import in each state; their order is that of the API. */
export const fixtureImports: HistoryImportView[] = (
  [
    { state: 'undone', dryRun: false, fileName: 'yourls_log.csv' },
    { state: 'failed', fileName: 'export.zip', totals: null, message: 'No format was found. Choose one.' },
    { state: 'interrupted', fileName: 'matomo.json', progress: { step: 'read', done: 81_920, total: null } },
    { state: 'running', dryRun: false, totals: null, progress: { step: 'events', done: 12, total: 90 } },
    { state: 'waiting', totals: null, fileName: `${hostile}.csv` },
    { state: 'done', dryRun: false, fileName: 'plausible.zip' },
    {},
  ] as const
).map((change, at) => historyImportSchema.parse({ ...base, ...change, id: `01KHISTORY000000000000000${at}` }));

/** The last one, with its report. */
export const fixtureImport = historyImportSchema.parse({
  ...fixtureImports.at(-1),
  report: {
    formats: ['shlink-web'],
    first: '2024-03-05T10:00:00Z',
    last: '2026-10-31T21:14:00Z',
    outcomes: { counted: 1100, bot: 104 },
    refusals: [
      { file: 'visits.csv', line: 7, column: 'date', value: '2024-02-30', reason: 'is no date' },
      { file: 'visits.csv', line: 12, column: 'visitedUrl', value: hostile, reason: 'is no link of the page' },
    ],
    reasons: { 'is no date': 1, 'is no link of the page': 5 },
    unknownCodes: [{ code: 'old-shop', rows: 5 }],
    ignored: ['latitude', 'longitude'],
    notes: ['3 times are in the hour that a clock change repeats: the first one was taken'],
    months: [{ link: 'spring', month: '2024-03', rows: 1304, imported: 1204, repeated: 100, counts: null }],
  },
});
