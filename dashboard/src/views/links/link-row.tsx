import { useId, useRef } from 'react';
import { type LinkChange, type LinkView, linkViewSchema } from '#schemas/api/links.ts';
import { useApiMutation } from '../../api/lists.ts';
import { CopyButton, useCopy } from '../../components/copy-button.tsx';
import { positionPopover } from '../../components/popover-position.ts';
import { Sparkline } from '../../chart/sparkline.tsx';
import { plural } from '../../format/numbers.ts';
import { Breakable } from '../../format/breakable.tsx';
import { formatDate } from '../../format/times.ts';
import { Link } from '../../router/link.tsx';
import { linkPath } from '../../router/routes.ts';
import { useSetQuery } from '../../router/location.ts';
import { linkState } from './link-draft.ts';
import type { LinkClicks } from './link-filters.ts';
import { withoutScheme } from './short-url.ts';
import { SiteIcon } from './site-icon.tsx';

const stateNames = { active: undefined, disabled: 'Switched off', scheduled: 'Scheduled', expired: 'Expired' } as const;

interface LinkRowProps {
  link: LinkView;
  clicks: LinkClicks | undefined;
  /** Icon of the destination's site. */
  icon: string | undefined;
  now: number;
  selected: boolean;
  onSelect: (selected: boolean) => void;
}

export function LinkRow({ link, clicks, icon, now, selected, onSelect }: LinkRowProps) {
  const name = link.title ?? link.url;
  return (
    <li className="link-row">
      <label className="link-check">
        <input
          type="checkbox"
          checked={selected}
          onChange={({ target }) => onSelect(target.checked)}
          aria-label={`Select ${name}`}
        />
      </label>
      <SiteIcon url={link.url} icon={icon} />
      <div className="link-names">
        <Link to={linkPath(link.code)} dir="auto" className="link-title">
          <Breakable text={name} />
        </Link>{' '}
        <Badges link={link} now={now} />
        <p className="soft" title={link.url}>
          <span dir="ltr">
            {withoutScheme(link.shortUrl).slice(0, -link.code.length)}
            <b>{link.code}</b>
          </span>
          <span aria-hidden="true"> → </span>
          <span dir="ltr">{link.url}</span>
        </p>
        <Tags link={link} />
      </div>
      <div className="link-clicks">
        {clicks && (
          <>
            <Sparkline values={clicks.days} label={`Clicks of ${name} by day`} />
            <b>{plural(clicks.clicks, 'click')}</b>
          </>
        )}
      </div>
      <time className="soft" dateTime={link.createdAt} title="Created">
        {formatDate(link.createdAt.slice(0, 10))}
      </time>
      <div className="link-actions">
        <CopyButton text={link.shortUrl} what={`the short link for ${name}`} />
        <RowMenu link={link} name={name} />
      </div>
    </li>
  );
}

function Badges({ link, now }: { link: LinkView; now: number }) {
  const badges = [
    stateNames[linkState(link, now)],
    link.archived ? 'Archived' : undefined,
    link.protected ? 'Password' : undefined,
    link.variants.length > 0 ? 'Split test' : undefined,
    link.listed ? undefined : 'Unlisted',
  ];
  return badges.map(
    (badge) =>
      badge !== undefined && (
        <span key={badge} className="badge">
          {badge}
        </span>
      ),
  );
}

function Tags({ link: { tags, campaign } }: { link: LinkView }) {
  const change = useSetQuery();
  if (tags.length === 0 && campaign === null) return null;
  return (
    <p className="tags">
      {campaign !== null && (
        <button type="button" className="tag" onClick={() => change({ 'campaign-of': campaign })}>
          <span className="visually-hidden">Show campaign </span>
          {campaign}
        </button>
      )}
      {tags.map((tag) => (
        <button key={tag} type="button" className="tag" onClick={() => change({ tag })}>
          <span className="visually-hidden">Show tag </span>#{tag}
        </button>
      ))}
    </p>
  );
}

function RowMenu({ link, name }: { link: LinkView; name: string }) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const menu = useRef<HTMLDivElement>(null);
  const [copied, copy] = useCopy(link.shortUrl);
  const save = useApiMutation((api, json: LinkChange) =>
    api.send('patch', '/links/:code', linkViewSchema, { param: { code: link.code }, json }),
  );
  function apply(change: LinkChange): void {
    save.mutate(change);
    menu.current?.hidePopover();
    button.current?.focus();
  }
  return (
    <>
      <button ref={button} type="button" className="quiet small" popoverTarget={id} aria-label={`More for ${name}`}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <path d="M2 8h.01M8 8h.01M14 8h.01" />
        </svg>
      </button>
      <div
        ref={menu}
        id={id}
        popover="auto"
        className="menu row-menu"
        onToggle={(event) => {
          if (event.newState === 'open' && button.current) positionPopover(button.current, event.currentTarget);
        }}
      >
        <button type="button" onClick={() => void copy()}>
          {copied ? 'Copied' : 'Copy short link'}
        </button>
        <Link to={linkPath(link.code)}>Statistics</Link>
        <Link to={linkPath(link.code, 'share')}>QR code</Link>
        <Link to={linkPath(link.code, 'edit')}>Edit</Link>
        <button type="button" onClick={() => apply({ enabled: !link.enabled })}>
          {link.enabled ? 'Switch off' : 'Switch on'}
        </button>
        <button type="button" onClick={() => apply({ archived: !link.archived })}>
          {link.archived ? 'Take out of the archive' : 'Archive'}
        </button>
      </div>
    </>
  );
}
