import type { AgencyMonthView } from '#core/mails/agency-month-view.ts';
import type { MailLinks } from '#core/mails/text-part.ts';
import { Frame, Paragraph, Subheading } from './frame.tsx';
import { List, More, Row, Rows, Totals } from './summary-parts.tsx';

interface AgencyMonthMailProps {
  view: AgencyMonthView;
  agency: string;
  links: MailLinks;
}

/** Monthly summary of an agency's pages. */
export function AgencyMonthMail({ view, agency, links }: AgencyMonthMailProps) {
  const why = "You're receiving the monthly summary for your agency.";
  return (
    <Frame preview={view.preview} over={agency} headline={view.headline} tone="ink" links={links} why={why}>
      <Totals totals={view.totals} />
      <More>{view.compared}</More>
      {view.goals !== null && <Paragraph>{view.goals}</Paragraph>}
      <Subheading>Pages</Subheading>
      <Rows>
        {view.pages.map(({ path, title, value, change, goal }) => (
          <Row key={path} name={title} note={noteOf(path, title, goal)} value={value} change={change} />
        ))}
      </Rows>
      {view.morePages !== null && <More>{view.morePages}</More>}
      <List list={view.conversions} />
    </Frame>
  );
}

function noteOf(path: string, title: string, goal: 'reached' | 'missed' | null): string {
  return [title === path ? '' : path, goal === null ? '' : `goal\u00a0${goal}`].filter(Boolean).join(' · ');
}
