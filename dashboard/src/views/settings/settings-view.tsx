import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { type PageSettings, pageSettingsSchema } from '#schemas/api/pages.ts';
import type { Page } from '#schemas/catalog.ts';
import { useApi } from '../../api/context.tsx';
import { Loaded } from '../../components/panel.tsx';
import { Link } from '../../router/link.tsx';
import { useLocation, withQuery } from '../../router/location.ts';
import { pagePath, settingsNames, type SettingsSection, settingsSections } from '../../router/routes.ts';
import { Channels } from '../channels/channels.tsx';
import { AlertSettings } from './alert-settings.tsx';
import { DataSettings } from './data-settings.tsx';
import { GeneralSettings } from './general-settings.tsx';
import { MailSettings } from './mail-settings.tsx';
import { People } from './people.tsx';
import type { SettingsDraft } from './section-form.tsx';
import { Shares } from './shares.tsx';
import { TrackingSettings } from './tracking-settings.tsx';

type SettingsPage = Pick<Page, 'path' | 'title' | 'timeZone'>;

/** The settings of a page, one section at a time. */
export default function SettingsView({ page }: { page: SettingsPage }) {
  const api = useApi();
  const name = page.path.slice(1);
  const section = useSection();
  const settings = useQuery({
    queryKey: settingsKey(name),
    // A response keeps its etag.
    structuralSharing: false,
    queryFn: ({ signal }) =>
      api.send('get', '/pages/:page/settings', pageSettingsSchema, { param: { page: name }, signal }),
  });
  return (
    <Loaded query={settings} rows={8}>
      {(value) => <Sections page={page} section={section} stored={value} />}
    </Loaded>
  );
}

function settingsKey(page: string): readonly string[] {
  return ['settings', page];
}

function useSection(): SettingsSection {
  const { query } = useLocation();
  return settingsSections.find((each) => each === query.get('section')) ?? 'general';
}

interface SectionsProps {
  page: SettingsPage;
  section: SettingsSection;
  /** As the API has returned them last. */
  stored: PageSettings;
}

type Drafts = Partial<Record<SettingsSection, SettingsDraft>>;

/** Edits of every section are kept while another one is shown, and saved by section. */
function Sections({ page, section, stored }: SectionsProps) {
  const queries = useQueryClient();
  const [drafts, setDrafts] = useState<Drafts>({});
  // What the edits are based on: they are saved only if that is still stored.
  const [seen, setSeen] = useState<PageSettings>();
  const base = (Object.keys(drafts).length > 0 ? seen : undefined) ?? stored;
  const name = page.path.slice(1);
  const shared = {
    page: name,
    base,
    draft: drafts[section],
    setDraft: (draft: SettingsDraft | undefined) => {
      setDrafts({ ...without(drafts, section), ...(draft && { [section]: draft }) });
      setSeen(base);
    },
    /** Edits that were made while the request was on its way stay. */
    onSaved: (saved: PageSettings, draft: SettingsDraft | undefined) => {
      queries.setQueryData(settingsKey(name), saved);
      setDrafts((current) => (current[section] === draft ? without(current, section) : current));
      setSeen(saved);
    },
    /** Continues with what is stored now; the edits stay. */
    onReload: () => {
      void queries.refetchQueries({ queryKey: settingsKey(name) });
      setSeen(undefined);
    },
  };
  return (
    <div className="settings">
      <SectionList page={name} current={section} edited={settingsSections.filter((each) => drafts[each])} />
      <div className="stack">
        {section === 'general' && <GeneralSettings {...shared} />}
        {section === 'tracking' && <TrackingSettings {...shared} />}
        {section === 'alerts' && (
          <>
            <AlertSettings {...shared} />
            <Channels owner={{ page: page.path }} zone={page.timeZone} />
          </>
        )}
        {section === 'mails' && <MailSettings {...shared} />}
        {section === 'sharing' && (
          <>
            <Shares page={name} title={page.title} zone={page.timeZone} />
            <People page={name} />
          </>
        )}
        {section === 'data' && <DataSettings page={name} zone={page.timeZone} />}
      </div>
    </div>
  );
}

function without(drafts: Drafts, section: SettingsSection): Drafts {
  const { [section]: _draft, ...others } = drafts;
  return others;
}

interface SectionListProps {
  page: string;
  current: SettingsSection;
  edited: readonly SettingsSection[];
}

function SectionList({ page, current, edited }: SectionListProps) {
  const { query } = useLocation();
  return (
    <nav className="sections" aria-label="Settings">
      {settingsSections.map((section) => (
        <Link
          key={section}
          to={pagePath(page, 'settings') + withQuery(query, { section })}
          aria-current={section === current ? 'page' : undefined}
          aria-label={edited.includes(section) ? `${settingsNames[section]}, not saved` : undefined}
        >
          {settingsNames[section]}
          {edited.includes(section) && <span className="edited" />}
        </Link>
      ))}
    </nav>
  );
}
