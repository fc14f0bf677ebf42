import { dayNumber } from './daily-series.ts';
import type { DailyDirection, LastAlert } from './daily-traffic.ts';
import type { Evaluation } from './evaluation.ts';

/** Usual days in a row that end an alert. */
export const quietDaysToRecover = 3;
/** An alert within this many days of the last one belongs to the same incident and reopens without a mail. */
export const relapseDays = 7;

interface Remembered {
  /** Last local date evaluated; a second run for the same date changes nothing. */
  through: string;
}

/** Stored alert state of one page and metric. */
export type AlertState =
  | ({ kind: 'calm'; last?: { lastAlert: string } } & Remembered)
  | ({
      kind: 'open';
      direction: DailyDirection;
      /** Local date of the first alert. */
      since: string;
      usual: number;
      lastAlert: string;
      quietDays: number;
      /** Reopened within days of its recovery: no further mail about it. */
      relapsed: boolean;
    } & Remembered);

export type AlertEvent = 'opened' | 'reopened' | 'continuing' | 'recovering' | 'recovered' | 'none';

export interface AlertTransition {
  state: AlertState;
  event: AlertEvent;
  /** Mail to send: at most one when an alert opens and one when it ends. */
  mail: 'alert' | 'recovery' | null;
}

export const unwatched: AlertState = { kind: 'calm', through: '' };

/** Returns what `evaluateDay` needs to know about the last alert. */
export function toLastAlert(state: AlertState): LastAlert | undefined {
  if (state.kind === 'calm') return state.last && { lastAlert: state.last.lastAlert, open: null };
  const { direction, since, usual, lastAlert, quietDays } = state;
  return { lastAlert, open: { direction, since, usual, mayContinue: quietDays <= bridgedQuietDays } };
}

/** Usual days that an alert may bridge; after more, the next one opens or reopens on its own. */
const bridgedQuietDays = 1;

/** Applies one day's evaluation to the state. A skipped day neither opens nor ends an alert. */
export function nextAlertState(state: AlertState, date: string, evaluation: Evaluation): AlertTransition {
  if (date <= state.through || evaluation.kind === 'skipped') return { state, event: 'none', mail: null };
  return evaluation.kind === 'alert' ? onAlert(state, date, evaluation) : onQuiet(state, date);
}

type Alert = Extract<Evaluation, { kind: 'alert' }>;

function onAlert(state: AlertState, date: string, alert: Alert): AlertTransition {
  const direction = alert.direction === 'surge' ? 'surge' : 'drop';
  if (state.kind === 'open' && state.direction === direction)
    return {
      state: { ...state, lastAlert: date, quietDays: 0, through: date },
      event: 'continuing',
      mail: null,
    };
  const last = state.kind === 'calm' ? state.last : undefined;
  const relapsed = last !== undefined && soon(last.lastAlert, date);
  return {
    state: {
      kind: 'open',
      direction,
      since: date,
      usual: alert.usual,
      lastAlert: date,
      quietDays: 0,
      relapsed,
      through: date,
    },
    event: relapsed ? 'reopened' : 'opened',
    mail: relapsed ? null : 'alert',
  };
}

function soon(earlier: string, date: string): boolean {
  return dayNumber(date) - dayNumber(earlier) <= relapseDays;
}

function onQuiet(state: AlertState, date: string): AlertTransition {
  if (state.kind === 'calm') return { state: { ...state, through: date }, event: 'none', mail: null };
  const quietDays = state.quietDays + 1;
  if (quietDays < quietDaysToRecover)
    return { state: { ...state, quietDays, through: date }, event: 'recovering', mail: null };
  const { lastAlert, relapsed } = state;
  return {
    state: { kind: 'calm', last: { lastAlert }, through: date },
    event: 'recovered',
    mail: relapsed ? null : 'recovery',
  };
}
