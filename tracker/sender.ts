import type { CollectEvent } from '#schemas/collect-event.ts';

/** Events that wait at most. While as many wait, new ones are given up. */
const queueLimit = 2_000;

/** Characters of one event, events of one request, and their characters. The server and `sendBeacon` allow 64 KiB. */
const eventText = 16_000;
const batchEvents = 50;
const batchText = 20_000;

/** Attempts at one batch. The pauses between them double from 1 s to 5 minutes: about 25 minutes altogether. */
const attemptLimit = 12;
const longestPause = 300_000;

/** Part of the response to a batch of which some events were not accepted. */
interface BatchErrors {
  /** Positions of the events that may be sent again, after so many seconds. */
  retry: number[];
  retryAfter: number;
}

/**
 * Sends events in order, in batches, one request at a time, and repeats what was not received. Each event has an id, so that
 * a repeated one counts once. Events wait in memory only: nothing is stored on the device.
 * @param warn reports why the server does not accept an event
 */
export function createSender(endpoint: string, warn: (message: string) => void) {
  const prefix = crypto.getRandomValues(new Uint32Array(3)).join('');
  const queue: CollectEvent[] = [];
  let added = 0;
  /** Given up, and not yet reported with an event. */
  let dropped = 0;
  let failures = 0;
  let sending: CollectEvent[] = [];
  let notBefore = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Returns the event that waits, which may change within `delay` milliseconds.
   * @throws {TypeError} if a property is no JSON
   */
  function add(event: CollectEvent, delay = 0): CollectEvent | undefined {
    const text = JSON.stringify(event);
    if (queue.length >= queueLimit || text.length > eventText) {
      dropped += 1;
      return undefined;
    }
    added += 1;
    const own: CollectEvent = { ...JSON.parse(text), id: `${prefix}-${added}`, occurredAt: Date.now(), dropped };
    dropped = 0;
    queue.push(own);
    schedule(delay);
    return own;
  }

  function schedule(delay: number): void {
    notBefore = Math.max(notBefore, Date.now() + delay);
    clearTimeout(timer);
    timer = setTimeout(() => void flush(), notBefore - Date.now());
  }

  async function flush(): Promise<void> {
    if (sending.length > 0 || queue.length === 0) return;
    sending = take();
    notBefore = 0;
    let pause = 0;
    let again = sending;
    try {
      // The first attempt survives the page. Other scripts may have used up what the browser allows for that.
      const response = await post(sending, failures === 0);
      const text = await response.text();
      if (response.status < 500 && response.status !== 429) {
        again = [];
        if (text) warn(text);
        if (!response.ok) giveUp(sending);
        else if (text) {
          const { retry, retryAfter }: BatchErrors = JSON.parse(text);
          again = sending.filter((_, index) => retry.includes(index));
          pause = retryAfter * 1000;
        }
      }
    } catch {
      // Sent again below.
    }
    if (again.length < sending.length) failures = 0;
    // Waiting for the network is no attempt.
    else if (navigator.onLine) failures += 1;
    if (failures === attemptLimit) {
      giveUp(again);
      again = [];
      failures = 0;
    }
    queue.unshift(...again);
    sending = [];
    schedule(again.length > 0 ? pause || Math.min(500 * 2 ** (navigator.onLine ? failures : 12), longestPause) : 0);
  }

  function post(batch: CollectEvent[], keepalive: boolean): Promise<Response> {
    return fetch(endpoint, { method: 'POST', body: bodyOf(batch), keepalive });
  }

  function giveUp(events: CollectEvent[]): void {
    for (const event of events) dropped += 1 + Number(event.dropped);
  }

  /** Removes the first events that fit into one request. */
  function take(): CollectEvent[] {
    let characters = 0;
    const end = queue.findIndex((event, at) => {
      characters += JSON.stringify(event).length;
      return characters > batchText || at === batchEvents;
    });
    return queue.splice(0, end < 0 ? batchEvents : end);
  }

  /** Sends what browsers take from a page that is left, and reports how many events were too many. */
  function leave({ persisted }: PageTransitionEvent): void {
    // Only a first attempt survives the page.
    if (failures > 0) queue.unshift(...sending);
    for (let beacons = 3; beacons > 0; beacons -= 1) {
      const batch = take();
      const [first] = batch;
      if (!first) return;
      if (beacons === 1 && !persisted) first.dropped = Number(first.dropped) + dropped + queue.length;
      if (!navigator.sendBeacon?.(endpoint, bodyOf(batch))) post(batch, true).catch(() => {});
    }
  }

  addEventListener('online', () => {
    failures = 0;
    void flush();
  });
  // A hidden page may be ended without notice.
  addEventListener('visibilitychange', () => failures > 0 || void flush());
  addEventListener('pagehide', leave);
  return { add };
}

/** `sentAt` shows the server how wrong the clock of the device is. */
function bodyOf(batch: readonly CollectEvent[]): string {
  return JSON.stringify(batch.map((event) => ({ ...event, sentAt: Date.now() })));
}
