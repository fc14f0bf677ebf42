/** Simulated time in seconds, and the events that are due. */
export interface EventQueue {
  now: () => number;
  /** Runs `action` at a time; earlier first, and in the order of their calls at the same time. */
  schedule: (at: number, action: () => void) => void;
  /** Runs everything that is due up to a time, and moves the clock there. */
  runUntil: (end: number) => void;
}

export function createEventQueue(): EventQueue {
  let time = 0;
  let calls = 0;
  const heap: Entry[] = [];

  function schedule(at: number, action: () => void): void {
    heap.push({ at: Math.max(at, time), order: calls++, action });
    siftUp(heap);
  }

  function runUntil(end: number): void {
    for (let next = heap[0]; next !== undefined && next.at <= end; next = heap[0]) {
      removeFirst(heap);
      time = next.at;
      next.action();
    }
    time = end;
  }

  return { now: () => time, schedule, runUntil };
}

interface Entry {
  at: number;
  order: number;
  action: () => void;
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

function siftUp(heap: Entry[]): void {
  for (let at = heap.length - 1; at > 0; ) {
    const parent = (at - 1) >> 1;
    if (!swapIfBefore(heap, at, parent)) return;
    at = parent;
  }
}

function removeFirst(heap: Entry[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  for (let at = 0; ; ) {
    const left = 2 * at + 1;
    const child = isChildBefore(heap, left + 1, left) ? left + 1 : left;
    if (!swapIfBefore(heap, child, at)) return;
    at = child;
  }
}

function isChildBefore(heap: readonly Entry[], one: number, other: number): boolean {
  const [first, second] = [heap[one], heap[other]];
  return first !== undefined && second !== undefined && isBefore(first, second);
}

/** Swaps two entries if the first is due earlier. Returns false if not. */
function swapIfBefore(heap: Entry[], one: number, other: number): boolean {
  const [first, second] = [heap[one], heap[other]];
  if (first === undefined || second === undefined || !isBefore(first, second)) return false;
  [heap[one], heap[other]] = [second, first];
  return true;
}
