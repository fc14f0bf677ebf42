import { dayNumber } from '#core/detect/daily-series.ts';

/** Days on which traffic changes in many countries. A page has no country, so they are named and never hide an alert. */
const fixedDays: Readonly<Record<string, string>> = {
  '01-01': "New Year's Day",
  '05-01': 'Labor Day in many countries',
  '12-24': 'Christmas Eve',
  '12-25': 'Christmas Day',
  '12-26': 'the second day of Christmas',
  '12-31': "New Year's Eve",
};

/** Returns the name of the holiday on a local date, or undefined. */
export function nameHoliday(date: string): string | undefined {
  return fixedDays[date.slice(5)] ?? easterDays[daysAfterEaster(date)] ?? calendarDay(date);
}

/** By days after Easter Sunday. */
const easterDays: Readonly<Record<number, string>> = {
  [-2]: 'Good Friday',
  0: 'Easter Sunday',
  1: 'Easter Monday',
};

function daysAfterEaster(date: string): number {
  return dayNumber(date) - dayNumber(easterSunday(Number(date.slice(0, 4))));
}

/** The Gregorian date of Easter: Meeus, *Astronomical Algorithms* (1991), chapter 8. */
function easterSunday(year: number): string {
  const golden = year % 19;
  const century = Math.floor(year / 100);
  const ofCentury = year % 100;
  const correction = Math.floor((8 * century + 13) / 25);
  const epact = (19 * golden + century - Math.floor(century / 4) - correction + 15) % 30;
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor(ofCentury / 4) - epact - (ofCentury % 4)) % 7;
  const shift = Math.floor((golden + 11 * epact + 22 * weekday) / 451);
  const days = epact + weekday - 7 * shift + 114;
  return `${year}-0${Math.floor(days / 31)}-${String((days % 31) + 1).padStart(2, '0')}`;
}

/** First days by calendar, month and day, as ICU computes them. */
const calendars = [
  { calendar: 'chinese', days: { '1/1': 'Chinese New Year' } as Readonly<Record<string, string>> },
  {
    calendar: 'islamic-umalqura',
    days: { '10/1': 'Eid al-Fitr', '12/10': 'Eid al-Adha' } as Readonly<Record<string, string>>,
  },
].map(({ calendar, days }) => ({
  days,
  format: new Intl.DateTimeFormat(`en-u-ca-${calendar}`, { month: 'numeric', day: 'numeric', timeZone: 'UTC' }),
}));

function calendarDay(date: string): string | undefined {
  for (const { days, format } of calendars) {
    const parts = format.formatToParts(Date.parse(date));
    const month = parts.find(({ type }) => type === 'month')?.value;
    const day = parts.find(({ type }) => type === 'day')?.value;
    const name = days[`${month}/${day}`];
    if (name !== undefined) return name;
  }
  return undefined;
}
