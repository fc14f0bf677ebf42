import { sendBatches } from '#cli/queue-batches.ts';
import type { RecoveredEvents } from '#stores/cache/recovered-events.ts';
import type { UnsentClick } from './unsent-clicks.ts';

export interface Recovery {
  found: number;
  /** Sent by an earlier run. */
  before: number;
  sent: number;
  /** Refused by the queue again. */
  refused: number;
}

interface RecoverOptions {
  recovered: RecoveredEvents;
  /** Returns the clicks that the queue accepted. */
  send: (batch: readonly UnsentClick[]) => Promise<readonly UnsentClick[]>;
  now: () => number;
  onSent: (sent: number) => void;
}

/**
 * Sends the clicks that no earlier run sent, with the same body, and remembers them after each batch. A crash in
 * between repeats at most one batch, which settle counts once because the event ids are the same.
 */
export async function recoverClicks(
  clicks: readonly UnsentClick[],
  { recovered, send, now, onSent }: RecoverOptions,
): Promise<Recovery> {
  const known = await recovered.known(clicks.map(({ id }) => id));
  const due = clicks.filter(({ id }) => !known.has(id));
  let sent = 0;
  for (const batch of sendBatches(due)) {
    const accepted = await send(batch);
    await recovered.remember(
      accepted.map(({ id }) => id),
      now(),
    );
    sent += accepted.length;
    onSent(sent);
  }
  return { found: clicks.length, before: clicks.length - due.length, sent, refused: due.length - sent };
}
