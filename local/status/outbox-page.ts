import type { Mail } from '../aws/outbox.ts';
import { escapeHtml, layout } from './layout.ts';

export function renderOutbox(mails: readonly Mail[]): string {
  const rows = mails.map(
    (mail) =>
      `<tr><td><a href="/_local/outbox/${escapeHtml(mail.id)}">${escapeHtml(mail.subject)}</a><small>to ${escapeHtml(mail.to.join(', '))}</small></td><td class="soft">${time(mail.sentAt)}</td></tr>`,
  );
  const empty =
    '<p class="soft">No emails yet. Emails that the stack sends through SES appear here instead of being delivered.</p>';
  const body =
    rows.length > 0
      ? `<table><thead><tr><th>Email</th><th>Sent</th></tr></thead><tbody>${rows.join('')}</tbody></table>`
      : empty;
  return layout({ title: 'Outbox', body: `<section class="wide"><h2>Outbox</h2>${body}</section>` });
}

function time(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

export function renderMail(mail: Mail): string {
  const headers = Object.entries({ from: mail.from, to: mail.to.join(', '), ...mail.headers })
    .map(([name, value]) => `<p><span class="soft">${escapeHtml(name)}</span> ${escapeHtml(value)}</p>`)
    .join('');
  const frame =
    mail.html === null
      ? ''
      : `<iframe sandbox title="Email body" src="/_local/outbox/${escapeHtml(mail.id)}/body"></iframe>`;
  const text =
    mail.text === null ? '' : `<details><summary>Plain text</summary><pre>${escapeHtml(mail.text)}</pre></details>`;
  return layout({
    title: mail.subject,
    body: `<section class="wide"><h2>${escapeHtml(mail.subject)}</h2>${headers}</section><section class="wide">${frame}${text}</section>`,
  });
}
