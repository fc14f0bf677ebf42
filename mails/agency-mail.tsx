import { Section } from 'react-email';
import type { AgencyView } from '#core/mails/agency-view.ts';
import type { MailLinks } from '#core/mails/text-part.ts';
import { Frame, Stranger, Subheading } from './frame.tsx';
import { light } from './palette.ts';

/** Daily summary of an agency's pages. */
export function AgencyMail({
  view,
  agency,
  links,
  why,
}: {
  view: AgencyView;
  agency: string;
  links: MailLinks;
  why: string;
}) {
  return (
    <Frame preview={view.preview} over={agency} headline={view.headline} tone="ink" links={links} why={why}>
      {view.groups.map(({ name, pages }) => (
        <Section key={name}>
          <Subheading>{name}</Subheading>
          <table width="100%" cellPadding={0} cellSpacing={0} border={0} style={{ borderCollapse: 'collapse' }}>
            <tbody>
              {pages.map(({ path, title, text, tone }) => (
                <tr key={path}>
                  <td
                    className="b-line"
                    style={{ borderTop: `1px solid ${light.line}`, padding: '8px 0', lineHeight: 1.4 }}
                  >
                    <div className="t-ink" style={{ color: light.ink, fontSize: 15 }}>
                      <Stranger>{title}</Stranger>{' '}
                      <span className="t-soft" style={{ color: light.soft, fontSize: 13 }}>
                        {title === path ? '' : path}
                      </span>
                    </div>
                    <div className={`t-${tone}`} style={{ color: light[tone], fontSize: 14 }}>
                      {text}
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </Section>
      ))}
    </Frame>
  );
}
