import type { DigestView } from '#core/mails/digest-view.ts';
import type { MailLinks } from '#core/mails/text-part.ts';
import { Chart } from './chart.tsx';
import { Frame, Paragraph, Stranger, Subheading } from './frame.tsx';
import { light } from './palette.ts';
import { List, More, Rows, Totals } from './summary-parts.tsx';

/** Weekly or monthly summary of one page. */
export function DigestMail({ view, links }: { view: DigestView; links: MailLinks }) {
  return (
    <Frame preview={view.preview} over={view.title} headline={view.headline} tone="ink" links={links} why={view.why}>
      <Totals totals={view.totals} />
      {view.compared !== null && <More>{view.compared}</More>}
      {view.goal !== null && <Paragraph colour={view.goal.reached ? 'up' : 'ink'}>{view.goal.text}</Paragraph>}
      {view.chart.length > 0 && (
        <>
          <Subheading>{view.chartTitle}</Subheading>
          <Chart bars={view.chart} tone="accent" title={view.chartTitle} />
        </>
      )}
      {view.lists.map((list) => (
        <List key={list.title} list={list} />
      ))}
      <Notes view={view} />
      {view.pace !== null && (
        <>
          <Subheading>{view.paceTitle}</Subheading>
          <Paragraph>{view.pace}</Paragraph>
        </>
      )}
    </Frame>
  );
}

function Notes({ view: { notes, moreNotes } }: { view: DigestView }) {
  if (notes.length === 0) return null;
  return (
    <>
      <Subheading>Annotations</Subheading>
      <Rows>
        {notes.map(({ date, text }, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: two annotations of a day may say the same
          <tr key={at}>
            <th scope="row" align="left" className="t-soft b-line" style={{ ...noteStyle, width: 1 }}>
              {date}
            </th>
            <td className="t-ink b-line" style={{ ...noteStyle, color: light.ink, whiteSpace: 'normal' }}>
              <Stranger>{text}</Stranger>
            </td>
          </tr>
        ))}
      </Rows>
      {moreNotes !== null && <More>{moreNotes}</More>}
    </>
  );
}

const noteStyle = {
  borderTop: `1px solid ${light.line}`,
  color: light.soft,
  fontSize: 15,
  fontWeight: 400,
  lineHeight: 1.4,
  padding: '8px 12px 8px 0',
  verticalAlign: 'top',
  whiteSpace: 'nowrap',
} as const;
