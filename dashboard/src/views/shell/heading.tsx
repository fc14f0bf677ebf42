import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from '../../router/link.tsx';

interface HeadingProps {
  title: string;
  /** Below the title: an address, a path. */
  subtitle?: ReactNode;
  /** At the end of the title. */
  beside?: ReactNode;
  back?: { to: string; label: string };
  actions?: ReactNode;
}

/** Title of a view, and of its document. */
export function Heading({ title, subtitle, beside, back, actions }: HeadingProps) {
  useEffect(() => {
    document.title = `${title} · Hopcount`;
  }, [title]);
  return (
    <div className="heading">
      <div>
        {back && (
          <Link className="back" to={back.to}>
            ← {back.label}
          </Link>
        )}
        <div className="title">
          <h1 dir="auto">{title}</h1>
          {beside}
        </div>
        {subtitle !== undefined && <p className="soft">{subtitle}</p>}
      </div>
      {actions !== undefined && <div className="heading-actions">{actions}</div>}
    </div>
  );
}

interface TabsProps {
  label: string;
  tabs: readonly { to: string; label: string; current: boolean }[];
}

export function Tabs({ label, tabs }: TabsProps) {
  const nav = useRef<HTMLElement>(null);
  const chosen = tabs.findIndex(({ current }) => current);
  // On a narrow screen the row is wider than its room.
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });
  }, [chosen]);
  return (
    <nav className="tabs" aria-label={label} ref={nav}>
      {tabs.map(({ to, label: name, current }) => (
        <Link key={to} to={to} aria-current={current ? 'page' : undefined}>
          {name}
        </Link>
      ))}
    </nav>
  );
}
