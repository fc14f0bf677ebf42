/** Periods of local dates: a day, an ISO week from Monday, a calendar month. */
export const periodUnits = ['day', 'week', 'month'] as const;
export type PeriodUnit = (typeof periodUnits)[number];
