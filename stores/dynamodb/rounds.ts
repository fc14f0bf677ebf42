/** Rounds after which a throttled table counts as unavailable: about 6 s. */
const maxRounds = 8;

/** Sends a batch, then what DynamoDB left unprocessed, after 50 ms, 100 ms …. Returns what is left in the end. */
export async function sendInRounds<Entry>(
  batch: readonly Entry[],
  sleep: (milliseconds: number) => Promise<void>,
  send: (rest: Entry[]) => Promise<Entry[]>,
): Promise<Entry[]> {
  let rest = [...batch];
  for (let round = 0; rest.length > 0 && round < maxRounds; round++) {
    if (round > 0) await sleep(25 * 2 ** round);
    rest = await send(rest);
  }
  return rest;
}

/** Works on all items, at most `concurrency` at a time. Rejects with the first error. */
export async function forEachConcurrently<T>(
  items: readonly T[],
  concurrency: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  async function worker(): Promise<void> {
    for (const item of queue) await work(item);
  }
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
}

export function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
