import type { ReactNode } from 'react';
import { Link, Section, Text } from 'react-email';
import type { IncidentView } from '#core/mails/alert-view.ts';
import type { MailLinks } from '#core/mails/text-part.ts';
import { Chart } from './chart.tsx';
import { Frame, Paragraph, Stranger, Subheading } from './frame.tsx';
import { light } from './palette.ts';

/** Alert or recovery mail. */
export function IncidentMail({ view, links, why }: { view: IncidentView; links: MailLinks; why: string }) {
  return (
    <Frame preview={view.preview} over={view.title} headline={view.headline} tone={view.tone} links={links} why={why}>
      <Paragraph>{view.lead}</Paragraph>
      {view.broken.length > 0 && <Broken view={view} />}
      {view.facts.map((fact) => (
        <Paragraph key={fact}>
          <Stranger>{fact}</Stranger>
        </Paragraph>
      ))}
      {view.chart.length > 0 && (
        <>
          <Subheading>{view.chartTitle}</Subheading>
          <Chart bars={view.chart} tone={view.tone} title={view.chartTitle} />
        </>
      )}
      {links.useful !== null && links.notUseful !== null && (
        <>
          <Subheading>Was this alert useful?</Subheading>
          <Feedback useful={links.useful} notUseful={links.notUseful} />
          <Paragraph small colour="soft">
            Your answer adjusts how sensitive alerts are.
            {view.backtest === null ? '' : ` ${view.backtest}`}
          </Paragraph>
        </>
      )}
    </Frame>
  );
}

function Broken({ view: { brokenLinks, broken, moreBroken } }: { view: IncidentView }) {
  return (
    <Section
      className="g-track"
      style={{ backgroundColor: light.track, borderRadius: 10, margin: '0 0 16px', padding: '12px 16px' }}
    >
      {brokenLinks !== null && (
        <BrokenLine>
          <Alarm>{brokenLinks}.</Alarm>
        </BrokenLine>
      )}
      {broken.map(({ name, problem }) => (
        <BrokenLine key={`${name} ${problem}`}>
          {brokenLinks === null ? (
            <Alarm>
              <Stranger>{name}</Stranger> is broken.
            </Alarm>
          ) : (
            <strong>
              <Stranger>{name}</Stranger>
            </strong>
          )}{' '}
          <Stranger>{problem}</Stranger>
        </BrokenLine>
      ))}
      {moreBroken > 0 && <BrokenLine>And {moreBroken} more in the dashboard.</BrokenLine>}
    </Section>
  );
}

function BrokenLine({ children }: { children: ReactNode }) {
  return (
    <Text
      className="t-ink"
      style={{
        color: light.ink,
        fontSize: 15,
        lineHeight: 1.5,
        margin: '4px 0',
        overflowWrap: 'anywhere',
        wordBreak: 'break-word',
      }}
    >
      {children}
    </Text>
  );
}

function Alarm({ children }: { children: ReactNode }) {
  return (
    <strong className="t-down" style={{ color: light.down }}>
      {children}
    </strong>
  );
}

function Feedback({ useful, notUseful }: { useful: string; notUseful: string }) {
  const style = {
    border: `1px solid ${light.line}`,
    borderRadius: 8,
    color: light.ink,
    display: 'inline-block',
    fontSize: 14,
    margin: '0 8px 8px 0',
    padding: '8px 14px',
    textDecoration: 'none',
  };
  return (
    <Section>
      <Link href={useful} className="t-ink b-line" style={style}>
        Useful
      </Link>
      <Link href={notUseful} className="t-ink b-line" style={style}>
        Not useful
      </Link>
    </Section>
  );
}
