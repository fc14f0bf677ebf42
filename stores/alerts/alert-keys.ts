import { catalogPartitions, listingPartitions } from '#schemas/tables.ts';

/** Keys of alert states, incidents, feedback, forecasts, mails and job runs in the `catalog` table. */
export const alertKeys = {
  state: (page: string) => ({ pk: `${catalogPartitions.alerts}${page}`, sk: 'state' }),
  incident: (page: string, since: string, metric: string) => ({
    pk: `${catalogPartitions.alerts}${page}`,
    sk: `incident#${since}#${metric}`,
  }),
  feedback: (page: string, incident: string, recipient: string) => ({
    pk: `${catalogPartitions.alerts}${page}`,
    sk: `feedback#${incident}#${recipient}`,
  }),
  acknowledged: (page: string, incident: string) => ({
    pk: `${catalogPartitions.alerts}${page}`,
    sk: `acknowledged#${incident}`,
  }),
  /** That the summary of a page or an agency was queued: `monthly#2026-10-01`. */
  summary: (subject: string, period: string) => ({
    pk: `${catalogPartitions.alerts}${subject}`,
    sk: `summary#${period}`,
  }),
  /** How the alert of a custom metric stands. */
  metric: (page: string, id: string) => ({ pk: `${catalogPartitions.alerts}${page}`, sk: `metric#${id}` }),
  forecast: (page: string) => ({ pk: `${catalogPartitions.forecast}${page}`, sk: 'forecast' }),
  mail: (id: string) => ({ pk: `${catalogPartitions.mail}${id}`, sk: 'mail' }),
  suppression: (recipient: string) => ({ pk: `${catalogPartitions.recipient}${recipient}`, sk: 'suppression' }),
  refusal: (recipient: string, kind: string, subject: string) => ({
    pk: `${catalogPartitions.recipient}${recipient}`,
    sk: `refusal#${kind}#${subject}`,
  }),
  confirmation: (recipient: string, page: string) => ({
    pk: `${catalogPartitions.recipient}${recipient}`,
    sk: `confirmation#${page}`,
  }),
  /** Number of confirmations that were requested on a UTC date: of the stack, a page or an address. */
  asked: (date: string, of: string) => ({ pk: `${catalogPartitions.recipient}asked`, sk: `${date}#${of}` }),
  run: (job: string, time: string) => ({ pk: `${catalogPartitions.run}${job}`, sk: time }),
} as const;

/** Listing index: queued mails by the time from which they may be sent. */
export const mailsDue = { gpk: listingPartitions.mailsDue } as const;

/** Listing index: recipients who unsubscribed from a page or an agency or confirmed it, so that its erasure finds them. */
export function refusalsOf(subject: string, recipient?: string) {
  return { gpk: `${listingPartitions.refusals}${subject}`, gsk: recipient ?? '' };
}
