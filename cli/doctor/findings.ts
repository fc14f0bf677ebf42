/** What a check found: `fine`; `look`: somebody should look at it; `broken`: clicks are not counted, or will not be. */
export interface Finding {
  check: string;
  state: 'fine' | 'look' | 'broken';
  /** What is, with its number. */
  found: string;
  /** What to do; undefined when all is fine. */
  advice?: string;
}

export function evaluateDeadLetters(queue: string, waiting: number): Finding {
  return waiting === 0
    ? fine(`${queue} dead letters`, 'none')
    : {
        check: `${queue} dead letters`,
        state: 'broken',
        found: `${waiting} messages failed every attempt`,
        advice: `mend the cause (the log of the function says it), then \`hopcount redrive\``,
      };
}

function fine(check: string, found: string): Finding {
  return { check, state: 'fine', found };
}

/** A queue that holds more than a minute of the busiest traffic this was measured with has no consumer. */
const deepQueue = 50_000;

export function evaluateQueue(queue: string, waiting: number, inFlight: number): Finding {
  const found = `${waiting} waiting, ${inFlight} in flight`;
  return waiting < deepQueue
    ? fine(`${queue} queue`, found)
    : { check: `${queue} queue`, state: 'look', found, advice: 'see whether its function is throttled or fails' };
}

export function evaluateUnsent(clicks: number, unreadable: number): Finding {
  return clicks + unreadable === 0
    ? fine('unsent clicks', 'none in 7 days that is not recovered')
    : {
        check: 'unsent clicks',
        state: 'look',
        found: `${clicks} clicks of 7 days were not taken by the queue${unreadable > 0 ? `, ${unreadable} lines are unreadable` : ''}`,
        advice:
          clicks > 0
            ? '`hopcount recover` sends them'
            : 'the lines were cut: see them in the log; their events are lost',
      };
}

const minute = 60_000;

/** Receipts run every 15 minutes, a window of 15 minutes after it has closed. */
const receiptsLate = 45 * minute;

/** @param through milliseconds since the epoch; undefined before the first run */
export function evaluateReceived(through: number | undefined, now: number): Finding {
  const check = 'received counted';
  if (through === undefined)
    return {
      check,
      state: 'look',
      found: 'not yet',
      advice:
        'the first window is counted within 30 minutes of the start; later than that, see the log of functions/receipts',
    };
  const found = `through ${new Date(through).toISOString()}`;
  if (now - through <= receiptsLate) return fine(check, found);
  const advice = 'functions/receipts is behind: see its log; until it has caught up, lost cannot be evaluated';
  return { check, state: 'broken', found, advice };
}

export function evaluateLost(lost: number, hours: number): Finding {
  return lost === 0
    ? fine('lost', `0 in the last ${hours} closed hours`)
    : {
        check: 'lost',
        state: lost > 0 ? 'broken' : 'look',
        found: `${lost} in the last ${hours} closed hours`,
        advice:
          lost > 0
            ? '`hopcount recover`, then `hopcount redrive`; what remains was lost between answer and send'
            : 'more outcomes than requests: redelivered rows share an event id, and settle counts them once',
      };
}

const clockTolerance = 5_000;

export function evaluateClock(difference: number): Finding {
  return Math.abs(difference) <= clockTolerance
    ? fine('clock', `${(difference / 1000).toFixed(1)} s from the edge's`)
    : {
        check: 'clock',
        state: 'look',
        found: `${(difference / 1000).toFixed(1)} s from the edge's`,
        advice: 'set the clock of this machine; instants given to --since and --at are read by it',
      };
}

export function evaluateGeography(warning: string | undefined): Finding {
  return warning === undefined
    ? fine('geography', 'present')
    : {
        check: 'geography',
        state: 'look',
        found: warning,
        advice: 'countries stay empty; `npm ci` brings the databases, or set the geography object in cdk.json',
      };
}
