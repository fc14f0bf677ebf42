import { Cron } from 'croner';
import type { ScheduleModel } from '../template/model.ts';
import { UnsupportedTemplate } from '../template/intrinsics.ts';

export interface ScheduleState {
  schedule: ScheduleModel;
  next: number | undefined;
  last: number | undefined;
}

export interface Schedules {
  states: () => readonly ScheduleState[];
  /** Runs a schedule now, with the current time. */
  run: (name: string) => boolean;
  stop: () => void;
}

/** setTimeout overflows beyond 2^31 − 1 ms; longer waits are split. */
const longestTimerMs = 86_400_000;

export function startSchedules(
  schedules: readonly ScheduleModel[],
  options: { enabled: boolean; now: () => number; fire: (functionName: string, input: unknown) => void },
): Schedules {
  const timers = new Map<string, NodeJS.Timeout>();
  const states = schedules.map((schedule): ScheduleState => ({ schedule, next: undefined, last: undefined }));

  function fire(state: ScheduleState, at: number): void {
    state.last = at;
    options.fire(state.schedule.functionName, inputAt(state.schedule, at));
  }

  function arm(state: ScheduleState): void {
    state.next ??= nextRun(state.schedule, options.now());
    if (state.next === undefined) return;
    const due = state.next;
    const timer = setTimeout(
      () => {
        if (options.now() >= due) {
          state.next = undefined;
          fire(state, due);
        }
        arm(state);
      },
      Math.min(Math.max(0, due - options.now()), longestTimerMs),
    );
    timer.unref();
    timers.set(state.schedule.name, timer);
  }

  if (options.enabled) for (const state of states) if (state.schedule.enabled) arm(state);

  return {
    states: () => states,
    run: (name) => {
      const state = states.find((each) => each.schedule.name === name);
      if (state) fire(state, options.now());
      return state !== undefined;
    },
    stop: () => {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

const scheduledTime = '<aws.scheduler.scheduled-time>';

/** Builds the event, for example `{"time":"2026-11-22T07:15:00Z"}`. EventBridge Scheduler sends whole seconds. */
export function inputAt(schedule: ScheduleModel, epochMs: number): unknown {
  return JSON.parse(schedule.input.replaceAll(scheduledTime, new Date(epochMs).toISOString().replace(/\.\d+Z$/, 'Z')));
}

/** Returns the next run after `from`; undefined if there is none. @throws {UnsupportedTemplate} */
export function nextRun({ expression, timeZone, name }: ScheduleModel, from: number): number | undefined {
  const every = rateMs(expression);
  // Rates have no fixed phase on AWS. Use whole multiples, so that runs align with time windows.
  if (every !== undefined) return (Math.floor(from / every) + 1) * every;
  const pattern = cronPattern(expression);
  if (pattern !== undefined) {
    // minute hour day month weekday year → croner puts seconds first and the year last
    const cron = new Cron(`0 ${pattern}`, {
      timezone: timeZone,
      mode: '7-part',
      // EventBridge writes every 15 minutes as `0/15`.
      sloppyRanges: true,
      alternativeWeekdays: true,
      paused: true,
    });
    return cron.nextRun(new Date(from))?.getTime();
  }
  const at = /^at\((.+)\)$/.exec(expression)?.[1];
  if (at !== undefined) return new Cron(at, { timezone: timeZone, paused: true }).nextRun(new Date(from))?.getTime();
  throw new UnsupportedTemplate(`Schedule ${name} must be a rate, cron or at expression; got ${expression}`);
}

const unitMs: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

function rateMs(expression: string): number | undefined {
  const [, count, unit] = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(expression) ?? [];
  const length = unitMs[unit ?? ''];
  return count !== undefined && length !== undefined ? Number(count) * length : undefined;
}

/** Replaces `?`, which croner doesn't know. Its `alternativeWeekdays` option handles weekdays from 1 (Sunday). */
function cronPattern(expression: string): string | undefined {
  return /^cron\((.+)\)$/.exec(expression)?.[1]?.replaceAll('?', '*');
}
