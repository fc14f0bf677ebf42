import { datesToSalt } from '#core/visitors/salt-rules.ts';
import type { Salts } from '#stores/cache/salts.ts';

export interface SaltsReport {
  /** Dates that now have a salt, created by this run or an earlier one. */
  ready: string[];
  deleted: string[];
}

/** Creates salts for the coming dates and deletes expired ones. Safe to repeat. */
export async function renewSalts(salts: Salts, now: number): Promise<SaltsReport> {
  const ready = datesToSalt(now);
  for (const date of ready) await salts.findOrCreate(date);
  return { ready, deleted: await salts.deleteExpired() };
}
