/** Local times between which no mail is sent: `{ from: '22:00', to: '07:00' }` spans midnight. */
export interface QuietHours {
  from: string;
  to: string;
}

/**
 * Returns when a mail may be sent, in milliseconds since the epoch: `at` outside the quiet hours, otherwise their end in
 * the page's zone, also on days with a clock change.
 */
export function mayLeaveAt(at: number, timeZone: string, quiet: QuietHours | null): number {
  if (quiet === null) return at;
  const left = minutesLeft(localMinute(at, timeZone), quiet);
  if (left === 0) return at;
  const end = Math.floor(at / minuteLength) * minuteLength + left * minuteLength;
  // A clock change in between shifts the result; correct it.
  const past = localMinute(end, timeZone) - minuteOf(quiet.to);
  const half = minutesOfDay / 2;
  return end - (((past + half + minutesOfDay) % minutesOfDay) - half) * minuteLength;
}

const minuteLength = 60_000;

const minutesOfDay = 1440;

/** Returns the minutes until the quiet hours end; 0 outside them or if they are empty. */
function minutesLeft(minute: number, { from, to }: QuietHours): number {
  const length = (minuteOf(to) - minuteOf(from) + minutesOfDay) % minutesOfDay;
  const passed = (minute - minuteOf(from) + minutesOfDay) % minutesOfDay;
  return passed < length ? length - passed : 0;
}

function minuteOf(time: string): number {
  const [hours = '0', minutes = '0'] = time.split(':');
  return Number(hours) * 60 + Number(minutes);
}

/** Minutes since local midnight. */
function localMinute(at: number, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    .formatToParts(at)
    .filter(({ type }) => type === 'hour' || type === 'minute')
    .map(({ value }) => Number(value));
  return (parts[0] ?? 0) * 60 + (parts[1] ?? 0);
}
