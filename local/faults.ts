import type { KillPlan, KillPoint } from './functions/kill-points.ts';
import { createRandom, shuffle } from './random.ts';

/** What goes wrong, by a seed. Rates are probabilities in [0, 1]; all are 0 unless a test says otherwise. */
export interface FaultOptions {
  seed: number;
  /** A message is delivered in this batch and once more in a later one. */
  duplicate: number;
  /** A batch is split and mixed anew before it is delivered. */
  regroup: number;
  /** Messages of a batch are delivered in another order. */
  shuffle: number;
  /** Kills of a function's workers, by a part of its logical name: `{ Enrich: { points: ['after PutObject'] } }`. */
  kills: Readonly<Record<string, KillSchedule>>;
}

export interface KillSchedule {
  /** Each happens once; the seed decides the order. */
  points: readonly KillPoint[];
  /** The seed spares 0 up to this many invocations before each kill. @default 0 */
  spare?: number;
}

export const noFaults: FaultOptions = { seed: 1, duplicate: 0, regroup: 0, shuffle: 0, kills: {} };

export interface Faults {
  /** How often each has happened; of the kills, the points at which they happened, by function. */
  counts: { duplicated: number; regrouped: number; shuffled: number; killed: Record<string, KillPoint[]> };
  /** The next kill of a function, unless its invocation is spared. A kill whose point is not reached is planned again. */
  planKill: (functionName: string) => KillPlan | undefined;
  /** Kills that have not happened yet. */
  killsLeft: () => number;
  /** Kills the next worker of a function that reaches the point, before all that is scheduled. */
  killNext: (name: string, point: KillPoint) => void;
  /** What the poller delivers instead of a batch: the batches in order, and messages held for a later one. */
  disturb: <T>(batch: readonly T[], held: T[]) => T[][];
}

export function createFaults(options: FaultOptions): Faults {
  // Each fault draws numbers of its own: how often one is asked for does not change what the others do.
  const chance = { duplicate: randomOf(1), regroup: randomOf(2), shuffle: randomOf(3) };
  const counts: Faults['counts'] = { duplicated: 0, regrouped: 0, shuffled: 0, killed: {} };
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
