import { datesToSalt } from '#core/visitors/salt-rules.ts';
import type { Salts } from '#stores/cache/salts.ts';

export interface SaltsReport {
  /** Dates that have a salt now, whether made by this run or before. */
  ready: string[];
  deleted: string[];
}

/** Makes the salts of the dates to come and deletes those past their life. Running it twice changes nothing. */
export async function renewSalts(salts: Salts, now: number): Promise<SaltsReport> {
  const ready = datesToSalt(now);
  for (const date of ready) await salts.findOrCreate(date);
  return { ready, deleted: await salts.deleteExpired() };
}
