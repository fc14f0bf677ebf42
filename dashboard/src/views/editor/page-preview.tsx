import type { CSSProperties } from 'react';
import { iconPath } from '#schemas/link-page/network-icons.ts';
import { readableAccent, textOn } from '#schemas/link-page/page-theme.ts';
import type { LinkView } from '#schemas/api/links.ts';
import type { PageDesign } from '#schemas/catalog.ts';
import { plural } from '../../format/numbers.ts';

const graphemes = new Intl.Segmenter();

interface PagePreviewProps {
  title: string;
  description: string;
  design: PageDesign;
  links: readonly LinkView[];
}

/** The link page at the size of a phone. */
export function PagePreview({ title, description, design, links }: PagePreviewProps) {
  const { picture, sections } = design;
  const icons = links.filter(({ icon }) => icon);
  const buttons = links.filter(({ icon }) => !icon);
  const free = buttons.filter(({ section }) => section === null || !sections.includes(section));
  const groups = sections
    .map((name) => ({ name, links: buttons.filter(({ section }) => section === name) }))
    .filter((group) => group.links.length > 0);
  return (
    <div
      className="phone"
      style={phoneStyle(design)}
      role="img"
      aria-label={`Preview of the link page ${title} with ${plural(links.length, 'link')}`}
    >
      <div aria-hidden="true">
        {picture === null ? (
          <span className="phone-mark">{firstLetter(title)}</span>
        ) : (
          <img className="phone-mark" src={picture} alt="" />
        )}
        <b dir="auto">{title}</b>
        {description !== '' && <p dir="auto">{description}</p>}
        {icons.length > 0 && (
          <span className="phone-icons">
            {icons.map(({ code, url, protected: hidden }) => (
              <svg key={code} viewBox="0 0 24 24">
                <path d={iconPath(hidden ? null : url)} />
              </svg>
            ))}
          </span>
        )}
        {free.map((link) => (
          <PhoneLink key={link.code} link={link} />
        ))}
        {groups.map((group) => [
          <b key={group.name} className="phone-section" dir="auto">
            {group.name}
          </b>,
          ...group.links.map((link) => <PhoneLink key={link.code} link={link} />),
        ])}
      </div>
    </div>
  );
}

function phoneStyle({ accent, theme }: PageDesign): CSSProperties {
  const colors = accent && { light: readableAccent(accent, 'light'), dark: readableAccent(accent, 'dark') };
  return {
    ...(theme !== 'system' && { colorScheme: theme }),
    ...(colors && {
      '--accent': `light-dark(${colors.light}, ${colors.dark})`,
      '--on-accent': `light-dark(${textOn(colors.light)}, ${textOn(colors.dark)})`,
    }),
  };
}

function PhoneLink({ link }: { link: LinkView }) {
  const host = link.protected ? '' : readHost(link.url);
  return (
    <span className="phone-link">
      <span dir="auto">{link.title ?? (host || link.code)}</span>
      <small dir="ltr">{host}</small>
    </span>
  );
}

function firstLetter(title: string): string {
  return graphemes.segment(title.trim())[Symbol.iterator]().next().value?.segment.toLocaleUpperCase('en') ?? '·';
}

function readHost(url: string): string {
  return URL.parse(url)?.hostname.replace(/^www\./, '') ?? '';
}
