import { type FollowLinkDeps, followLink, type LinkResponse, linkRequestSchema } from './follow-link.ts';
import { type ReportDependencies, type ReportTally, snsEventSchema, takeReports } from './take-report.ts';

export interface MailFeedbackOptions {
  deps: FollowLinkDeps & ReportDependencies;
  logger: {
    info: (message: string, details: Record<string, unknown>) => void;
    warn: (message: string, details: Record<string, unknown>) => void;
  };
}

/** Handles links in mails, which arrive over HTTP, and bounces and complaints of SES, which arrive over SNS. */
export function createMailFeedback({ deps, logger }: MailFeedbackOptions) {
  return async (event: unknown): Promise<LinkResponse | ReportTally> => {
    const reports = snsEventSchema.safeParse(event);
    if (!reports.success) return followLink(deps, linkRequestSchema.parse(event));
    const tally = await takeReports(deps, reports.data);
    logger[tally.unreadable > 0 ? 'warn' : 'info']('SES reports processed', { ...tally });
    return tally;
  };
}
