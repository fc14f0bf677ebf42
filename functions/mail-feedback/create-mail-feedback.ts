import { type AnswerDependencies, answerLink, type LinkAnswer, linkRequestSchema } from './follow-link.ts';
import { type ReportDependencies, type ReportTally, snsEventSchema, takeReports } from './take-report.ts';

export interface MailFeedbackOptions {
  deps: AnswerDependencies & ReportDependencies;
  logger: {
    info: (message: string, details: Record<string, unknown>) => void;
    warn: (message: string, details: Record<string, unknown>) => void;
  };
}

/** What comes back from mails: links that were followed, by HTTP, and reports of SES, by SNS. */
export function createMailFeedback({ deps, logger }: MailFeedbackOptions) {
  return async (event: unknown): Promise<LinkAnswer | ReportTally> => {
    const reports = snsEventSchema.safeParse(event);
    if (!reports.success) return answerLink(deps, linkRequestSchema.parse(event));
    const tally = await takeReports(deps, reports.data);
    logger[tally.unreadable > 0 ? 'warn' : 'info']('reports of SES', { ...tally });
    return tally;
  };
}
