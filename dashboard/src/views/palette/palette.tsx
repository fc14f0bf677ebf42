import { useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useDeferredValue, useId, useState } from 'react';
import type { z } from 'zod';
import type { meSchema } from '#schemas/api.ts';
import { linksSchema } from '#schemas/api/links.ts';
import { pagesSchema } from '#schemas/api/pages.ts';
import { useApi } from '../../api/context.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { navigate, useLocation } from '../../router/location.ts';
import {
  linkPath,
  pagePath,
  type PageTab,
  pageTabs,
  parseRoute,
  settingsNames,
  settingsPath,
  type SettingsSection,
  settingsSections,
} from '../../router/routes.ts';
import { hasSingleKeys, type PaletteView, setSingleKeys, shortcuts } from './shortcuts.ts';

type User = Pick<z.infer<typeof meSchema>, 'role'>;

interface PaletteProps {
  me: User;
  view: PaletteView;
  onClose: () => void;
}

/** Loaded when it is first opened. */
export default function Palette({ me, view, onClose }: PaletteProps) {
  return view === 'commands' ? <Commands me={me} onClose={onClose} /> : <Shortcuts onClose={onClose} />;
}

interface Command {
  key: string;
  label: string;
  /** What it is: a page, a link, a setting. */
  kind: string;
  to: string;
}

function Commands({ me, onClose }: Omit<PaletteProps, 'view'>) {
  const [search, setSearch] = useState('');
  const [active, setActive] = useState(0);
  const list = useId();
  const { commands, searching } = useCommands(me, useDeferredValue(search.trim()));
  const chosen = Math.min(active, commands.length - 1);
  function run(command: Command | undefined): void {
    if (command === undefined) return;
    onClose();
    navigate(command.to);
  }
  function onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setActive((chosen + step + commands.length) % Math.max(1, commands.length));
    else if (event.key === 'Enter') run(commands[chosen]);
    else return;
    event.preventDefault();
  }
  return (
    <Dialog title="Go to" onClose={onClose}>
      <div className="palette">
        <input
          type="search"
          role="combobox"
          aria-label="Page, link or setting"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={commands[chosen] && `${list}-${chosen}`}
          placeholder="Page, link or setting"
          // The dialog moves the focus to the control with this attribute, which React does not render.
          ref={(element) => element?.setAttribute('autofocus', '')}
          value={search}
          onChange={({ target }) => {
            setSearch(target.value);
            setActive(0);
          }}
          onKeyDown={onKey}
        />
        <ul role="listbox" id={list} aria-label="Matches" aria-busy={searching}>
          {commands.map(({ key, label, kind, to }, index) => (
            <li
              key={key}
              id={`${list}-${index}`}
              role="option"
              aria-selected={index === chosen}
              ref={(element) => {
                if (index === chosen) element?.scrollIntoView({ block: 'nearest' });
              }}
              onClick={() => run({ key, label, kind, to })}
              onKeyDown={onKey}
            >
              <span dir="auto">{label}</span>
              <small>{kind}</small>
            </li>
          ))}
        </ul>
        <p className="soft" role="status">
          {commands.length === 0 && (searching ? 'Searching…' : 'No matches.')}
        </p>
      </div>
    </Dialog>
  );
}

/** Rows of each kind. */
const shown = 8;

function useCommands(me: User, search: string): { commands: Command[]; searching: boolean } {
  const api = useApi();
  const { path } = useLocation();
  const route = parseRoute(path);
  const query = { search, limit: shown };
  const pages = useQuery({
    queryKey: ['palette', 'pages', search],
    queryFn: ({ signal }) => api.send('get', '/pages', pagesSchema, { query, signal }),
  });
  const links = useQuery({
    queryKey: ['palette', 'links', search],
    queryFn: ({ signal }) => api.send('get', '/links', linksSchema, { query, signal }),
    enabled: search !== '',
  });
  const fixed = [...(route.view === 'page' ? commandsOfPage(route.page) : []), ...generalCommands(me)].filter(
    ({ label, kind }) => `${label} ${kind}`.toLowerCase().includes(search.toLowerCase()),
  );
  const found = [
    ...(pages.data?.rows ?? []).map(
      ({ path: page, title }): Command => ({
        key: `page ${page}`,
        label: title,
        kind: `Page ${page}`,
        to: pagePath(page.slice(1)),
      }),
    ),
    ...(search === '' ? [] : (links.data?.rows ?? [])).map(
      ({ code, title }): Command => ({
        key: `link ${code}`,
        label: title ?? `/${code}`,
        kind: `Link /${code}`,
        to: linkPath(code),
      }),
    ),
  ];
  return {
    commands: search === '' ? [...fixed, ...found] : [...found, ...fixed],
    searching: pages.isFetching || links.isFetching,
  };
}

const tabLabels: Readonly<Record<PageTab, string>> = {
  overview: 'Overview',
  links: 'Links',
  campaigns: 'Campaigns',
  insights: 'Insights: retention, funnels',
  ledger: 'Outcomes',
  live: 'Live',
  metrics: 'Metrics: numbers of your own, goals',
  editor: 'Link page',
  connect: 'Connect: tracker and ingest keys',
  settings: 'Settings',
};

const sectionContents: Readonly<Record<SettingsSection, string>> = {
  general: 'time zone, goal, texts for visitors',
  tracking: 'sites, consented ids',
  alerts: 'method, sensitivity, excluded days, backtest',
  mails: 'recipients, quiet hours',
  sharing: 'share links, embedding, people',
  data: 'exports, erasure',
};

function commandsOfPage(page: string): Command[] {
  const kind = 'This page';
  return [
    ...pageTabs.map((tab) => ({ key: `tab ${tab}`, label: tabLabels[tab], kind, to: pagePath(page, tab) })),
    ...settingsSections.map((section) => ({
      key: `section ${section}`,
      label: `${settingsNames[section]}: ${sectionContents[section]}`,
      kind: 'Settings',
      to: settingsPath(page, section),
    })),
  ];
}

function generalCommands({ role }: User): Command[] {
  const all = [
    { label: 'All pages', to: '/pages', for: ['admin', 'agency', 'creator'] },
    { label: 'Agencies', to: '/agencies', for: ['admin'] },
    { label: 'Users and invitations', to: '/users', for: ['admin'] },
    { label: 'Import links', to: '/import', for: ['admin', 'agency', 'creator'] },
    { label: 'API keys', to: '/keys', for: ['admin', 'agency', 'creator'] },
  ];
  return all.filter((each) => each.for.includes(role)).map(({ label, to }) => ({ key: to, label, kind: 'Go to', to }));
}

function Shortcuts({ onClose }: { onClose: () => void }) {
  const [on, setOn] = useState(hasSingleKeys);
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <div className="stack">
        <dl className="shortcuts">
          {shortcuts.map(({ keys, does }) => (
            <ShortcutRow key={does} keys={keys} does={does} />
          ))}
        </dl>
        <label className="check">
          <input
            type="checkbox"
            checked={on}
            onChange={({ target }) => {
              setSingleKeys(target.checked);
              setOn(target.checked);
            }}
          />
          Shortcuts of single keys
        </label>
      </div>
    </Dialog>
  );
}

function ShortcutRow({ keys, does }: { keys: readonly string[]; does: string }) {
  return (
    <>
      <dt>
        {keys.map((key) => (
          <kbd key={key}>{key}</kbd>
        ))}
      </dt>
      <dd>{does}</dd>
    </>
  );
}
