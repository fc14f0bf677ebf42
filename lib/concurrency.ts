/** What the account always keeps for functions without a reservation (PutFunctionConcurrency, Lambda API reference). */
const unreservedMinimum = 100;

/** Reserved by api 20, mail-feedback 5, alerts 4, and 2 each by the jobs: receipts, salts, canary, settle, retention, erase, export, import, pull. */
const otherFunctions = 47;

/** With less, redirect and collect would be limited to fewer requests than they can have without a reservation. */
const smallestShare = 100;

interface ConcurrencySettings {
  readonly accountConcurrency: number;
  readonly enrichConcurrency: number;
  readonly rollupConcurrency: number;
}

/** Returns the smallest account limit with which the functions can reserve concurrency. */
export function smallestAccountConcurrency({
  enrichConcurrency,
  rollupConcurrency,
}: Omit<ConcurrencySettings, 'accountConcurrency'>): number {
  return unreservedMinimum + otherFunctions + enrichConcurrency + rollupConcurrency + smallestShare;
}

/**
 * Returns the concurrency to reserve for redirect and collect: 60% and 30% of what the account has left. A reservation is
 * also a limit, so a flood of one cannot starve the other, nor the rest of the account.
 */
export function edgeConcurrency(settings: ConcurrencySettings): { redirect: number; collect: number } {
  const left = settings.accountConcurrency - smallestAccountConcurrency(settings) + smallestShare;
  return { redirect: Math.floor(left * 0.6), collect: Math.floor(left * 0.3) };
}

/**
 * Returns the largest number of batches that Lambda may start for a queue; undefined leaves it to the function's reservation.
 * Lambda optimizes to two pollers at low traffic only without this limit (Lambda developer guide, "Configuring scaling behavior
 * for SQS event source mappings").
 */
export function pollerLimit(
  { limitPollers, reserveConcurrency }: { limitPollers: boolean; reserveConcurrency: boolean },
  concurrency: number,
): number | undefined {
  return limitPollers || !reserveConcurrency ? concurrency : undefined;
}
