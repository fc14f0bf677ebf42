import { Body, Container, Head, Heading, Html, Img, Link, Preview, Section, Text } from 'react-email';
import { type ReactNode, useContext } from 'react';
import type { MailBrand } from '#core/mails/mail-brand.ts';
import type { MailLinks } from '#core/mails/text-part.ts';
import { tidy } from '#core/mails/words.ts';
import { BrandContext, buttonColours, poweredBy } from './brand.ts';
import { type Colour, darkStyle, font, light } from './palette.ts';

interface FrameProps {
  preview: string;
  over: string;
  headline: string;
  tone: Colour;
  links: Pick<MailLinks, 'dashboard' | 'unsubscribe'>;
  why: string;
  /** @default Open the dashboard */
  button?: string;
  /** Text of the link that ends these mails. @default Unsubscribe */
  end?: string;
  children: ReactNode;
}

/** Layout of every mail: one card with its heading, and the unsubscribe link. */
export function Frame({
  preview,
  over,
  headline,
  tone,
  links,
  why,
  button = 'Open the dashboard',
  end = 'Unsubscribe',
  children,
}: FrameProps) {
  const brand = useContext(BrandContext);
  const colours = buttonColours(brand?.accent ?? null);
  return (
    <Html lang="en" dir="ltr">
      <Head>
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <style>{darkStyle + colours.darkStyle}</style>
      </Head>
      <Preview>{preview}</Preview>
      <Body className="g-ground" style={{ backgroundColor: light.ground, fontFamily: font, margin: 0, padding: 0 }}>
        <Container className="wide" style={{ maxWidth: 600, width: '100%', padding: '24px 12px' }}>
          {brand && <BrandLine brand={brand} />}
          <Section
            className="g-card b-line narrow"
            style={{
              backgroundColor: light.card,
              border: `1px solid ${light.line}`,
              borderRadius: 14,
              padding: '28px 32px',
            }}
          >
            <Text
              className="t-soft"
              style={{
                color: light.soft,
                fontSize: 14,
                lineHeight: 1.4,
                margin: '0 0 4px',
                overflowWrap: 'anywhere',
                wordBreak: 'break-word',
              }}
            >
              <Stranger>{over}</Stranger>
            </Text>
            <Heading
              as="h1"
              className={`t-${tone}`}
              style={{
                color: light[tone],
                fontSize: 24,
                lineHeight: 1.25,
                letterSpacing: '-.01em',
                margin: '0 0 16px',
              }}
            >
              {headline}
            </Heading>
            {children}
            <Section style={{ marginTop: 24 }}>
              <Link
                href={links.dashboard}
                className="g-accent t-on"
                style={{
                  backgroundColor: colours.ground,
                  color: colours.text,
                  borderRadius: 10,
                  display: 'inline-block',
                  fontSize: 15,
                  fontWeight: 600,
                  padding: '12px 20px',
                  textDecoration: 'none',
                }}
              >
                {button}
              </Link>
            </Section>
          </Section>
          <Text
            className="t-soft"
            style={{ color: light.soft, fontSize: 12, lineHeight: 1.5, margin: '16px 8px 0', textAlign: 'center' }}
          >
            {why}{' '}
            <Link
              href={links.unsubscribe}
              className="t-soft"
              style={{ color: light.soft, textDecoration: 'underline' }}
            >
              {end}
            </Link>
            {brand?.poweredBy && (
              <>
                <br />
                {poweredBy}
              </>
            )}
          </Text>
        </Container>
      </Body>
    </Html>
  );
}

/**
 * Logo and name of an agency. The name is text, so a client that blocks pictures shows it, and the logo needs words of its
 * own only without a name. Its size is set, so that nothing moves when it is loaded.
 */
function BrandLine({ brand: { name, logo } }: { brand: MailBrand }) {
  if (name === null && logo === null) return null;
  return (
    <Section style={{ margin: '0 0 12px', padding: '0 8px' }}>
      {logo !== null && (
        <Img
          src={logo.url}
          width={logo.width}
          height={logo.height}
          alt={name === null ? 'Logo' : ''}
          className="logo"
          style={{ borderRadius: 6, color: light.soft, fontSize: 13, height: logo.height, width: logo.width }}
        />
      )}
      {name !== null && (
        <Text
          className="t-ink"
          style={{ color: light.ink, fontSize: 16, fontWeight: 700, margin: logo === null ? 0 : '8px 0 0' }}
        >
          <Stranger>{tidy(name)}</Stranger>
        </Text>
      )}
    </Section>
  );
}

/** User text: isolated in its own direction, with long words broken. */
export function Stranger({ children }: { children: string }) {
  return (
    <bdi dir="auto" style={{ overflowWrap: 'anywhere', wordBreak: 'break-word' }}>
      {children}
    </bdi>
  );
}

export function Paragraph({
  children,
  colour = 'ink',
  small = false,
}: {
  children: ReactNode;
  colour?: Colour;
  small?: boolean;
}) {
  return (
    <Text
      className={`t-${colour}`}
      style={{
        color: light[colour],
        fontSize: small ? 13 : 16,
        lineHeight: 1.5,
        margin: '0 0 12px',
        overflowWrap: 'anywhere',
        wordBreak: 'break-word',
      }}
    >
      {children}
    </Text>
  );
}

export function Subheading({ children }: { children: ReactNode }) {
  return (
    <Heading
      as="h2"
      className="t-soft"
      style={{ color: light.soft, fontSize: 13, fontWeight: 600, letterSpacing: '.02em', margin: '24px 0 8px' }}
    >
      {children}
    </Heading>
  );
}
