import type { KillPlan, KillPoint } from '../functions/kill-points.ts';
import { createRandom, shuffle } from '../random.ts';

/** Faults to inject into event processing. Rates are probabilities in [0, 1], 0 by default; the same seed gives the same faults. */
export interface EventFaultOptions {
  seed: number;
  /** Delivers a message again in a later batch. */
  duplicate: number;
  /** Splits a batch in two. */
  regroup: number;
  /** Shuffles the messages of a batch. */
  shuffle: number;
  /** Kills workers of a function, by part of its name: `{ Enrich: { points: ['after PutObject'] } }`. */
  kills: Readonly<Record<string, KillSchedule>>;
}

export interface KillSchedule {
  /** Each is reached once, in an order that the seed decides. */
  points: readonly KillPoint[];
  /** At most this many invocations survive before each kill; the seed decides how many. @default 0 */
  spare?: number;
}

export const noEventFaults: EventFaultOptions = { seed: 1, duplicate: 0, regroup: 0, shuffle: 0, kills: {} };

export interface EventFaults {
  /** Number of faults so far; for kills, the points by function. */
  counts: { duplicated: number; regrouped: number; shuffled: number; killed: Record<string, KillPoint[]> };
  /** Plans the kill for the next invocation, or undefined to let it run. A kill whose point isn't reached is planned again. */
  planKill: (functionName: string) => KillPlan | undefined;
  /** Returns the number of kills still to come. */
  killsLeft: () => number;
  /** Kills the next worker of a function that reaches the point, ahead of scheduled kills. */
  killNext: (name: string, point: KillPoint) => void;
  /** Returns the batches to deliver instead of `batch`. Adds duplicates for a later batch to `held`. */
  disturb: <T>(batch: readonly T[], held: T[]) => T[][];
}

export function createEventFaults(options: EventFaultOptions): EventFaults {
  // One random stream per fault, so that faults don't affect each other.
  const chance = { duplicate: randomOf(1), regroup: randomOf(2), shuffle: randomOf(3) };
  const counts: EventFaults['counts'] = { duplicated: 0, regrouped: 0, shuffled: 0, killed: {} };
  const schedules = Object.entries(options.kills).map(([name, schedule], index) => {
    const random = randomOf(4 + index);
    return {
      name,
      random,
      spare: schedule.spare ?? 0,
      left: shuffle(schedule.points, random),
      spared: 0,
      planned: false,
    };
  });
  for (const schedule of schedules) schedule.spared = drawSpared(schedule);

  function randomOf(stream: number): () => number {
    return createRandom(options.seed + stream);
  }

  function happens(fault: keyof typeof chance): boolean {
    return chance[fault]() < options[fault];
  }

  return {
    counts,
    planKill: (functionName) => {
      const schedule = schedules.find(({ name }) => functionName.includes(name));
      const [point] = schedule?.left ?? [];
      if (!schedule || point === undefined || schedule.planned) return undefined;
      if (schedule.spared > 0) {
        schedule.spared -= 1;
        return undefined;
      }
      schedule.planned = true;
      return {
        point,
        ended: (killed) => {
          schedule.planned = false;
          if (!killed) return;
          schedule.left.splice(schedule.left.indexOf(point), 1);
          schedule.spared = drawSpared(schedule);
          (counts.killed[schedule.name] ??= []).push(point);
        },
      };
    },
    killsLeft: () => schedules.reduce((total, { left }) => total + left.length, 0),
    killNext: (name, point) => {
      const schedule = schedules.find((each) => each.name === name);
      if (schedule) Object.assign(schedule, { left: [point, ...schedule.left], spared: 0 });
      else schedules.push({ name, random: randomOf(0), spare: 0, left: [point], spared: 0, planned: false });
    },
    disturb: (batch, held) => {
      const again = held.splice(0);
      const duplicates = batch.filter(() => happens('duplicate'));
      counts.duplicated += duplicates.length;
      held.push(...duplicates);
      let messages = [...batch, ...again];
      if (happens('shuffle')) {
        counts.shuffled += 1;
        messages = shuffle(messages, chance.shuffle);
      }
      if (messages.length < 2 || !happens('regroup')) return [messages];
      counts.regrouped += 1;
      const cut = 1 + Math.floor(chance.regroup() * (messages.length - 1));
      return [messages.slice(0, cut), messages.slice(cut)];
    },
  };
}

function drawSpared({ random, spare }: { random: () => number; spare: number }): number {
  return Math.floor(random() * (spare + 1));
}
