import { type FollowLinkDeps, followLink, type LinkResponse, linkRequestSchema } from './follow-link.ts';
import { type ReportDependencies, type ReportTally, snsEventSchema, takeReports } from './take-report.ts';

export interface MailFeedbackOptions {
  deps: FollowLinkDeps & ReportDependencies;
  logger: {
    info: (message: string, details: Record<string, unknown>) => void;
    warn: (message: string, details: Record<string, unknown>) => void;
  };
}

/** What comes back from mails: links that were followed, by HTTP, and reports of SES, by SNS. */
export function createMailFeedback({ deps, logger }: MailFeedbackOptions) {
  return async (event: unknown): Promise<LinkResponse | ReportTally> => {
    const reports = snsEventSchema.safeParse(event);
    if (!reports.success) return followLink(deps, linkRequestSchema.parse(event));
    const tally = await takeReports(deps, reports.data);
    logger[tally.unreadable > 0 ? 'warn' : 'info']('reports of SES', { ...tally });
    return tally;
  };
}
