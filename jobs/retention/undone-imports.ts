import { addDays } from '#core/ledger/time-range.ts';
import { hourName, isImported } from '#core/settle/hours.ts';
import { dayLength } from '#core/time.ts';
import { importedHour } from '#schemas/lake-keys.ts';
import type { Tombstone } from '#stores/settle/settle-state.ts';
import type { SettleDeps } from '../settle/deps.ts';
import { readManifest } from '../settle/manifest.ts';

/**
 * Finds tombstones of undone imports that nothing needs any more: after a day no run of the import writes (a Lambda lives 15
 * minutes), no date of it waits for a settle, and every raw file of these dates is in a run that left the import out. What held
 * rows of it was deleted with that run. A file that is in no run is marked, so that the next settle looks at it.
 * @param time milliseconds since the epoch
 */
export async function findSettledUndos(
  deps: SettleDeps,
  tombstones: readonly Tombstone[],
  time: number,
): Promise<Tombstone[]> {
  const undone = tombstones.filter(
    ({ kind, marked, createdAt }) => kind === 'import' && marked === true && createdAt < time - dayLength,
  );
  if (undone.length === 0) return [];
  const waiting = await listWaiting(deps);
  const settled = undone.filter((each) => !waiting.some((dt) => isOf(each, dt)));
  const unread = await listUnread(deps, settled);
  return settled.filter((each) => !unread.some((dt) => isOf(each, dt)));
}

/** Lists UTC dates whose imported events, or the views of them, are to be settled. */
async function listWaiting({ state }: SettleDeps): Promise<string[]> {
  const { forced, hours, dates } = await state.work();
  return [
    ...[...forced, ...hours].filter(isImported).map(({ dt }) => dt),
    // A local date lies on two or three dates.
    ...dates.flatMap((date) => [addDays(date, -1), date, addDays(date, 1)]),
  ];
}

function isOf({ dates }: Tombstone, dt: string): boolean {
  return dates === undefined || (dates.first <= dt && dt <= dates.last);
}

/** Lists dates of these imports that have raw files which the present run does not know, and marks them. */
async function listUnread(deps: SettleDeps, undone: readonly Tombstone[]): Promise<string[]> {
  const unread: string[] = [];
  for (const dt of await deps.files.rawDates()) {
    if (!undone.some((each) => isOf(each, dt))) continue;
    const hour = { dt, hr: importedHour };
    const files = await deps.lake.listRawHour(hour);
    if (files.length === 0) continue;
    const record = await deps.state.hour(hour);
    const known = new Set(record && (await readManifest(deps, hour, record.run)).files.map(({ key }) => key));
    if (files.every(({ key }) => known.has(key))) continue;
    unread.push(dt);
    await deps.dirty.mark(hourName(hour));
  }
  return unread;
}
