import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import type { z } from 'zod';
import type { meSchema } from '#schemas/api.ts';
import { SegmentedControl } from '../../components/segmented-control.tsx';
import { type Theme, useTheme } from '../../styles/theme.ts';
import { roleNames } from '../../format/names.ts';
import { Link } from '../../router/link.tsx';
import { isHistoryNavigation, useLocation } from '../../router/location.ts';
import { agencyPath } from '../../router/routes.ts';
import { type PaletteView, useShortcuts } from '../palette/shortcuts.ts';

const Palette = lazy(() => import('../palette/palette.tsx'));

export type Me = z.infer<typeof meSchema>;

interface ShellProps {
  me: Me;
  onSignOut: () => void;
  children: ReactNode;
}

/** The frame of every view for a signed-in user. */
export function Shell({ me, onSignOut, children }: ShellProps) {
  const { path } = useLocation();
  const main = useNavigationFocus(path);
  const [palette, setPalette] = useState<PaletteView>();
  useShortcuts(setPalette);
  return (
    <>
      <a className="skip" href="#main">
        Skip to content
      </a>
      <header className="top">
        <Link to="/" className="brand" aria-label="Hopcount home">
          <Logo />
        </Link>
        <nav aria-label="Main">
          {navigationEntries(me).map(({ to, label }) => (
            <Link key={to} to={to} aria-current={path.startsWith(to) ? 'page' : undefined}>
              {label}
            </Link>
          ))}
        </nav>
        <button
          type="button"
          className="quiet small search-button"
          aria-label="Go to"
          onClick={() => setPalette('commands')}
        >
          <svg viewBox="0 0 16 16" aria-hidden="true">
            <path d="M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10Zm4-1 3 3" />
          </svg>
          <span className="wide-only">Go to… </span>
          <kbd className="wide-only">Ctrl K</kbd>
        </button>
        <Account me={me} onSignOut={onSignOut} />
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
      {palette && (
        <Suspense>
          <Palette me={me} view={palette} onClose={() => setPalette(undefined)} />
        </Suspense>
      )}
      <footer className="foot">
        IP geolocation by <a href="https://db-ip.com">DB-IP</a>
      </footer>
    </>
  );
}

/** Scrolls a new view to the top and, if the focused element is gone, moves the focus to the view. */
function useNavigationFocus(path: string) {
  const main = useRef<HTMLElement>(null);
  const shown = useRef(path);
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    // Going back, the browser restores the scroll position.
    if (!isHistoryNavigation()) window.scrollTo(0, 0);
    // The browser blurs hidden and removed elements on the next frame, so the check runs in the task after it.
    requestAnimationFrame(() =>
      setTimeout(() => {
        if (document.activeElement === document.body) main.current?.focus({ preventScroll: true });
      }),
    );
  }, [path]);
  return main;
}

function Logo() {
  return (
    <>
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <path d="M9 8v16M14 8v16M19 8v16M24 8v16M6 22 27 10" />
      </svg>
      <span className="brand-name">Hopcount</span>
    </>
  );
}

function navigationEntries(me: Me): { to: string; label: string }[] {
  const pages = { to: '/pages', label: 'Pages' };
  if (me.role === 'admin') return [pages, { to: '/agencies', label: 'Agencies' }, { to: '/users', label: 'Users' }];
  const own = me.role === 'agency' && me.agency !== null ? [{ to: agencyPath(me.agency), label: 'Agency' }] : [];
  return [...own, pages];
}

function Account({ me, onSignOut }: { me: Me; onSignOut: () => void }) {
  const menu = useRef<HTMLDivElement>(null);
  return (
    <div className="account">
      <button type="button" className="account-button" popoverTarget="account" aria-label="Account">
        <span aria-hidden="true">{(me.email ?? me.subject).slice(0, 1).toUpperCase()}</span>
      </button>
      <div id="account" popover="auto" className="menu account-menu" ref={menu}>
        <p>
          <b dir="auto">{me.email ?? me.subject}</b>
          <br />
          <span className="soft">{roleNames[me.role]}</span>
        </p>
        <ThemeChoice />
        <Link to="/import" onClick={() => menu.current?.hidePopover()}>
          Import links
        </Link>
        <Link to="/keys" onClick={() => menu.current?.hidePopover()}>
          API keys
        </Link>
        <button type="button" className="quiet" onClick={onSignOut}>
          Sign out
        </button>
      </div>
    </div>
  );
}

const themeLabels: readonly { value: Theme; label: string }[] = [
  { value: 'system', label: 'Auto' },
  { value: 'light', label: 'Light' },
  { value: 'dark', label: 'Dark' },
];

export function ThemeChoice() {
  const [theme, setTheme] = useTheme();
  return <SegmentedControl label="Theme" options={themeLabels} value={theme} onChange={setTheme} />;
}

/** Logo and name, without a link. */
export function Brand() {
  return (
    <span className="brand">
      <Logo />
    </span>
  );
}
