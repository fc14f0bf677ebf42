import { render } from 'react-email';
import { alertView, recoveryView } from '#core/mails/alert-view.ts';
import { agencyView, digestView } from '#core/mails/digest-view.ts';
import { confirmationView } from '#core/mails/confirmation-view.ts';
import { agencyText, confirmationText, digestText, type MailLinks, incidentText } from '#core/mails/text-part.ts';
import { tidy } from '#core/mails/words.ts';
import type { MailContent } from '#schemas/alerts.ts';
import { AgencyMail } from './agency-mail.tsx';
import { ConfirmationMail } from './confirmation-mail.tsx';
import { DigestMail } from './digest-mail.tsx';
import { IncidentMail } from './incident-mail.tsx';

export interface RenderedMail {
  subject: string;
  html: string;
  text: string;
}

const whyIncident = "You're receiving alerts for this page.";

/** Renders the HTML and the text part of a mail. */
export async function renderMail(content: MailContent, links: MailLinks): Promise<RenderedMail> {
  switch (content.kind) {
    case 'alert':
    case 'recovery': {
      const view = content.kind === 'alert' ? alertView(content) : recoveryView(content);
      const html = await render(<IncidentMail view={view} links={links} why={whyIncident} />);
      return { subject: view.subject, html, text: incidentText(view, links) };
    }
    case 'digest': {
      const view = digestView(content);
      const html = await render(
        <DigestMail view={view} links={links} why="You're receiving the weekly summary for this page." />,
      );
      return { subject: view.subject, html, text: digestText(view, links) };
    }
    case 'agency': {
      const view = agencyView(content);
      const why = "You're receiving the daily summary for your agency.";
      const html = await render(<AgencyMail view={view} agency={tidy(content.agency)} links={links} why={why} />);
      return { subject: view.subject, html, text: agencyText(view, links) };
    }
    case 'confirmation': {
      const view = confirmationView({ page: content.page, host: new URL(links.dashboard).host });
      const confirm = links.confirm ?? links.dashboard;
      const html = await render(<ConfirmationMail view={view} confirm={confirm} unsubscribe={links.unsubscribe} />);
      return { subject: view.subject, html, text: confirmationText(view, confirm, links.unsubscribe) };
    }
    default:
      return content satisfies never;
  }
}
