import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from '../../router/link.tsx';

interface HeadingProps {
  title: string;
  subtitle?: ReactNode;
  /** Shown after the title. */
  after?: ReactNode;
  back?: { to: string; label: string };
  actions?: ReactNode;
  /** Follows the title of the document. @default Hopcount */
  product?: string;
}

/** The title of a view and its document. */
export function Heading({ title, subtitle, after, back, actions, product = 'Hopcount' }: HeadingProps) {
  useEffect(() => {
    document.title = `${title} · ${product}`;
  }, [title, product]);
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
          {after}
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
  // On a narrow screen the row scrolls.
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
