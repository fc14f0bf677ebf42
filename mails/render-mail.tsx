import type { ReactElement } from 'react';
import { render } from 'react-email';
import { alertView, recoveryView } from '#core/mails/alert-view.ts';
import { agencyMonthView } from '#core/mails/agency-month-view.ts';
import { agencyView } from '#core/mails/agency-view.ts';
import { metricAlertView } from '#core/mails/metric-alert-view.ts';
import { digestView } from '#core/mails/digest-view.ts';
import { confirmationView } from '#core/mails/confirmation-view.ts';
import {
  agencyMonthText,
  agencyText,
  confirmationText,
  digestText,
  type MailLinks,
  incidentText,
} from '#core/mails/text-part.ts';
import { isolated, tidy } from '#core/mails/words.ts';
import type { MailContent } from '#schemas/alerts.ts';
import type { MailBrand } from '#core/mails/mail-brand.ts';
import { AgencyMail } from './agency-mail.tsx';
import { AgencyMonthMail } from './agency-month-mail.tsx';
import { ConfirmationMail } from './confirmation-mail.tsx';
import { BrandContext, poweredBy } from './brand.ts';
import { DigestMail } from './digest-mail.tsx';
import { IncidentMail } from './incident-mail.tsx';

export interface RenderedMail {
  subject: string;
  html: string;
  text: string;
}

const whyIncident = "You're receiving alerts for this page.";

/** Renders the HTML and the text part of a mail. @param brand white label of the agency of the page */
export async function renderMail(content: MailContent, links: MailLinks, brand?: MailBrand): Promise<RenderedMail> {
  const { subject, mail, text } = view(content, links);
  const html = await render(<BrandContext value={brand}>{mail}</BrandContext>);
  return { subject, html, text: brandedText(text, brand) };
}

/** The name of the agency comes first. */
function brandedText(text: string, brand: MailBrand | undefined): string {
  if (brand === undefined) return text;
  const name = brand.name === null ? '' : `${isolated(tidy(brand.name))}\n\n`;
  return `${name}${text}${brand.poweredBy ? `\n${poweredBy}\n` : ''}`;
}

interface MailView {
  subject: string;
  mail: ReactElement;
  text: string;
}

function view(content: MailContent, links: MailLinks): MailView {
  switch (content.kind) {
    case 'alert':
    case 'recovery': {
      const incident = content.kind === 'alert' ? alertView(content) : recoveryView(content);
      const mail = <IncidentMail view={incident} links={links} why={whyIncident} />;
      return { subject: incident.subject, mail, text: incidentText(incident, links) };
    }
    case 'metric-alert':
    case 'metric-recovery': {
      const alert = metricAlertView(content);
      const mail = <IncidentMail view={alert} links={links} why={whyIncident} />;
      return { subject: alert.subject, mail, text: incidentText(alert, links) };
    }
    case 'digest':
    case 'monthly': {
      const digest = digestView(content);
      const mail = <DigestMail view={digest} links={links} />;
      return { subject: digest.subject, mail, text: digestText(digest, links) };
    }
    case 'agency': {
      const agency = agencyView(content);
      const why = "You're receiving the daily summary for your agency.";
      const mail = <AgencyMail view={agency} agency={tidy(content.agency)} links={links} why={why} />;
      return { subject: agency.subject, mail, text: agencyText(agency, links) };
    }
    case 'agency-monthly': {
      const month = agencyMonthView(content);
      const mail = <AgencyMonthMail view={month} agency={tidy(content.agency)} links={links} />;
      return { subject: month.subject, mail, text: agencyMonthText(month, links) };
    }
    case 'confirmation': {
      const request = confirmationView({ page: content.page, host: new URL(links.dashboard).host });
      const confirm = links.confirm ?? links.dashboard;
      const mail = <ConfirmationMail view={request} confirm={confirm} unsubscribe={links.unsubscribe} />;
      return { subject: request.subject, mail, text: confirmationText(request, confirm, links.unsubscribe) };
    }
    default:
      return content satisfies never;
  }
}
