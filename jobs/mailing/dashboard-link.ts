import { isAboutAgency, type MailContent } from '#schemas/alerts.ts';

/** Returns the dashboard view that a mail or message is about, which must be one of dashboard/src/router/routes.ts. */
export function dashboardLink(publicUrl: string, content: MailContent): string {
  return `${publicUrl}${pathOf(content)}`;
}

function pathOf(content: MailContent): string {
  if (isAboutAgency(content)) {
    const overview = `/app/agencies/${encodeURIComponent(content.agency)}/overview`;
    return content.kind === 'agency-monthly' ? `${overview}?${periodOf(content)}` : overview;
  }
  const overview = `/app/pages/${encodeURIComponent(content.page.slice(1))}/overview`;
  if (content.kind === 'metric-alert' || content.kind === 'metric-recovery')
    return `/app/pages/${encodeURIComponent(content.page.slice(1))}/metrics`;
  const isSummary = content.kind === 'digest' || content.kind === 'monthly';
  return isSummary ? `${overview}?${periodOf(content)}&compare=previous` : `${overview}#alerts`;
}

/** The numbers of a summary are those that the dashboard shows for these dates. */
function periodOf({ from, to }: { from: string; to: string }): string {
  return `from=${from}&to=${to}`;
}
