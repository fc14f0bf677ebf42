import type { EventQueue } from './event-queue.ts';

/** Clicks that the edge answered at the same time. */
export interface Arrival {
  at: number;
  clicks: number;
}

/** A message, or several of the same kind that arrived together. */
export interface Messages {
  count: number;
  arrivals: readonly Arrival[];
}

export interface StageOptions {
  clock: EventQueue;
  /** Pseudo-random numbers in [0, 1). */
  random: () => number;
  batchSize: number;
  windowSeconds: number;
  maximumConcurrency: number;
  /** Concurrent batches at the start, and how many more per second while messages wait. */
  pollers: { atStart: number; morePerSecond: number };
  /** Messages that one poller receives in a tick at most. */
  receivesPerTick: number;
  /** Messages may be handed to several pollers: clicks arrive in groups, files one by one. */
  divisible: boolean;
  /** Returns the time at which a batch is done that starts now. */
  serve: (batch: readonly Messages[], count: number) => number;
  done: (batch: readonly Messages[]) => void;
}

export interface StageNumbers {
  /** Mean share of the allowed concurrency that is busy. */
  utilization: number;
  /** Messages that no poller has received yet: the most, and now. */
  largestBacklog: number;
  backlog: number;
  batches: number;
  messages: number;
  /** The most batches at the same time. */
  largestConcurrency: number;
}

export interface BatchStage {
  put: (messages: Messages) => void;
  /** Hands messages to pollers. Called once a tick. */
  tick: (seconds: number) => void;
  numbers: () => StageNumbers;
}

/**
 * Simulates a queue and the function that consumes it in batches: a poller collects up to `batchSize` messages, for up to
 * `windowSeconds` from its first, invokes the function, and collects again when it is done.
 */
export function createBatchStage(options: StageOptions): BatchStage {
  const { clock } = options;
  const queue: Messages[] = [];
  let allowed = Math.min(options.pollers.atStart, options.maximumConcurrency);
  const pollers: Poller[] = Array.from({ length: allowed }, createPoller);
  let waiting = 0;
  let busy = 0;
  let [busySeconds, largestConcurrency] = [0, 0];
  const totals = { largestBacklog: 0, batches: 0, messages: 0 };

  function put(messages: Messages): void {
    queue.push(messages);
    waiting += messages.count;
  }

  function tick(seconds: number): void {
    const receptive = shuffle(pollers.filter(({ state }) => state === 'collecting'));
    for (const [index, poller] of receptive.entries()) {
      const share = Math.ceil(waiting / (receptive.length - index));
      receive(poller, Math.min(share, options.receivesPerTick));
    }
    totals.largestBacklog = Math.max(totals.largestBacklog, waiting);
    scale(seconds);
  }

  function shuffle(list: Poller[]): Poller[] {
    for (let last = list.length - 1; last > 0; last -= 1) {
      const other = Math.floor(options.random() * (last + 1));
      const [one, two] = [list[last], list[other]];
      if (one && two) [list[last], list[other]] = [two, one];
    }
    return list;
  }

  function receive(poller: Poller, most: number): void {
    let left = Math.min(most, options.batchSize - poller.count);
    while (left > 0) {
      const messages = take(left);
      if (!messages) break;
      left -= messages.count;
      if (poller.count === 0) {
        const batch = poller.batchNumber;
        clock.schedule(clock.now() + options.windowSeconds, () => poller.batchNumber === batch && invoke(poller));
      }
      poller.count += messages.count;
      poller.batch.push(messages);
    }
    if (poller.count >= options.batchSize) invoke(poller);
  }

  function take(most: number): Messages | undefined {
    const first = queue[0];
    if (first === undefined) return undefined;
    if (!options.divisible || first.count <= most) {
      queue.shift();
      waiting -= first.count;
      return first;
    }
    waiting -= most;
    const share = most / first.count;
    const [taken, kept] = [split(first, share), split(first, 1 - share)];
    queue[0] = { count: first.count - most, arrivals: kept };
    return { count: most, arrivals: taken };
  }

  function invoke(poller: Poller): void {
    if (poller.state === 'busy' || poller.count === 0) return;
    const { batch, count } = poller;
    const started = clock.now();
    poller.state = 'busy';
    poller.batchNumber += 1;
    busy += 1;
    largestConcurrency = Math.max(largestConcurrency, busy);
    clock.schedule(options.serve(batch, count), () => {
      busy -= 1;
      busySeconds += clock.now() - started;
      totals.batches += 1;
      totals.messages += count;
      Object.assign(poller, { state: 'collecting', batch: [], count: 0 });
      options.done(batch);
      receive(poller, Math.min(waiting, options.receivesPerTick));
    });
  }

  /** Adds pollers while messages wait. */
  function scale(seconds: number): void {
    if (waiting === 0) return;
    allowed = Math.min(options.maximumConcurrency, allowed + options.pollers.morePerSecond * seconds);
    while (pollers.length < Math.floor(allowed)) pollers.push(createPoller());
  }

  return {
    put,
    tick,
    numbers: () => ({
      ...totals,
      utilization: busySeconds / (clock.now() * options.maximumConcurrency),
      backlog: waiting,
      largestConcurrency,
    }),
  };
}

interface Poller {
  state: 'collecting' | 'busy';
  batch: Messages[];
  count: number;
  batchNumber: number;
}

function createPoller(): Poller {
  return { state: 'collecting', batch: [], count: 0, batchNumber: 0 };
}

function split(messages: Messages, share: number): Arrival[] {
  return messages.arrivals.map(({ at, clicks }) => ({ at, clicks: clicks * share }));
}
