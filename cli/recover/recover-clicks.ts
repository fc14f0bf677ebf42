import { sendBatches } from '#cli/queue-batches.ts';
import type { RecoveredEvents } from './recovered-events.ts';
import type { UnsentClick } from './unsent-clicks.ts';

export interface Recovery {
  found: number;
  /** Sent by an earlier run. */
  before: number;
  sent: number;
  /** Not taken by the queue this time either. */
  refused: number;
}

interface RecoverOptions {
  recovered: RecoveredEvents;
  /** Gives the clicks that the queue took. */
  send: (batch: readonly UnsentClick[]) => Promise<readonly UnsentClick[]>;
  now: () => number;
  onSent: (sent: number) => void;
}

/**
 * Sends what was not sent, with the same body, and remembers it after each batch. A crash between the two sends at
 * most one batch again; its events share their ids with the first, so settle counts them once.
 */
export async function recoverClicks(
  clicks: readonly UnsentClick[],
  { recovered, send, now, onSent }: RecoverOptions,
): Promise<Recovery> {
  const known = await recovered.known(clicks.map(({ id }) => id));
  const due = clicks.filter(({ id }) => !known.has(id));
  let sent = 0;
  for (const batch of sendBatches(due)) {
    const taken = await send(batch);
    await recovered.remember(
      taken.map(({ id }) => id),
      now(),
    );
    sent += taken.length;
    onSent(sent);
  }
  return { found: clicks.length, before: clicks.length - due.length, sent, refused: due.length - sent };
}
