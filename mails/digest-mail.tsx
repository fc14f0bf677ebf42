import type { DigestView } from '#core/mails/digest-view.ts';
import type { MailLinks } from '#core/mails/text-part.ts';
import { Chart } from './chart.tsx';
import { Frame, Paragraph, Stranger, Subheading } from './frame.tsx';
import { light } from './palette.ts';

/** Weekly summary of one page. */
export function DigestMail({ view, links, why }: { view: DigestView; links: MailLinks; why: string }) {
  return (
    <Frame preview={view.preview} over={view.title} headline={view.headline} tone="ink" links={links} why={why}>
      <Totals totals={view.totals} />
      <Subheading>{view.chartTitle}</Subheading>
      <Chart bars={view.chart} tone="accent" title={view.chartTitle} />
      {view.links.length > 0 && (
        <>
          <Subheading>Most clicked</Subheading>
          <Links links={view.links} />
        </>
      )}
      {view.pace !== null && (
        <>
          <Subheading>This month</Subheading>
          <Paragraph>{view.pace}</Paragraph>
        </>
      )}
    </Frame>
  );
}

function Totals({ totals }: Pick<DigestView, 'totals'>) {
  return (
    <table role="presentation" width="100%" cellPadding={0} cellSpacing={0} border={0} style={{ margin: '0 0 8px' }}>
      <tbody>
        <tr>
          {totals.map(({ name, value, change }) => (
            <td key={name} width="33%" valign="top" style={{ paddingRight: 8 }}>
              <div className="t-soft" style={{ color: light.soft, fontSize: 13 }}>
                {name}
              </div>
              <div
                className="t-ink"
                style={{ color: light.ink, fontSize: 22, fontWeight: 650, lineHeight: 1.3, whiteSpace: 'nowrap' }}
              >
                {value}
              </div>
              {change !== null && (
                <div className={`t-${toneOf(change)}`} style={{ color: light[toneOf(change)], fontSize: 13 }}>
                  {change}
                </div>
              )}
            </td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}

function toneOf(change: string): 'up' | 'down' | 'soft' {
  return change.startsWith('+') || change === 'new' ? 'up' : change.startsWith('−') ? 'down' : 'soft';
}

function Links({ links }: Pick<DigestView, 'links'>) {
  return (
    <table width="100%" cellPadding={0} cellSpacing={0} border={0} style={{ borderCollapse: 'collapse' }}>
      <tbody>
        {links.map(({ name, code, clicks, change }) => (
          <tr key={code}>
            <th
              scope="row"
              align="left"
              className="t-ink b-line"
              style={{
                borderTop: `1px solid ${light.line}`,
                color: light.ink,
                fontSize: 15,
                fontWeight: 400,
                lineHeight: 1.4,
                padding: '8px 12px 8px 0',
              }}
            >
              <Stranger>{name}</Stranger>{' '}
              <span className="t-soft" style={{ color: light.soft, fontSize: 13 }}>
                {name === code ? '' : code}
              </span>
            </th>
            <td
              align="right"
              valign="top"
              className="t-ink b-line"
              style={{
                borderTop: `1px solid ${light.line}`,
                color: light.ink,
                fontSize: 15,
                padding: '8px 0',
                whiteSpace: 'nowrap',
              }}
            >
              {clicks}{' '}
              <span className={`t-${toneOf(change)}`} style={{ color: light[toneOf(change)], fontSize: 13 }}>
                {change}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
