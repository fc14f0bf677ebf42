import { addDays } from '#core/ledger/time-range.ts';
import type { Incident } from '#schemas/alerts.ts';

/** Days with alert mails of a page, daily and hourly together. Further incidents are stored, but not mailed. */
export const alertMailLimit = { mails: 3, days: 30 } as const;

/**
 * Returns whether an alert of this local date may be mailed. Alerts of one date count once, because a repeated run must
 * decide alike.
 */
export function mayMailAlert(incidents: readonly Pick<Incident, 'since' | 'mailed'>[], date: string): boolean {
  const after = mailLimitStart(date);
  const mailed = incidents.filter((incident) => incident.mailed === true).map(({ since }) => since.slice(0, 10));
  return new Set(mailed.filter((each) => each > after && each < date)).size < alertMailLimit.mails;
}

/** The date from which incidents count for an alert of this local date. */
export function mailLimitStart(date: string): string {
  return addDays(date, -alertMailLimit.days);
}
