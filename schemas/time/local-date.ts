import { z } from 'zod';

/** Stores, clocks and calendars all know these dates, and the years before and after them. */
export const firstDate = '1970-01-01';
export const lastDate = '2999-12-31';

/** What a request may say. */
export const allowedDates = `a date from ${firstDate} to ${lastDate}`;

/** Returns whether a date is within what can be computed with. @param date `2026-11-22` */
export function isWithinDates(date: string): boolean {
  return date >= firstDate && date <= lastDate;
}

/** A local date of a request. What is no date has one error, not a second one about its range. */
export const localDateSchema = z.iso.date({ abort: true }).refine(isWithinDates, { error: allowedDates });
