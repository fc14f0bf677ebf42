import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type PageSettings, pageSettingsSchema } from '#schemas/api/pages.ts';
import { useApi } from '../../api/context.tsx';
import { useApiMutation } from '../../api/lists.ts';
import { timeZones } from '../../format/times.ts';
import { Field, FormError } from '../../components/field.tsx';
import { Loaded, Panel } from '../../components/panel.tsx';
import { AlertSettings } from './alert-settings.tsx';
import { Erasures } from './erasures.tsx';
import { Exports } from './exports.tsx';
import { nestedFieldError, fieldsBelow } from '../../api/field-errors.ts';
import { splitWords } from '../../format/words.ts';
import { Shares } from './shares.tsx';

/** Fields whose faults stand beside them. */
const shownFields = ['timeZone', 'origins', 'alerts.recipients', 'alerts.goal', 'alerts.badDays'];

/** Settings of a page, and what may leave it. `page` is its path without the slash. */
export default function SettingsView({ page, zone }: { page: string; zone: string }) {
  const api = useApi();
  const settings = useQuery({
    queryKey: ['settings', page],
    queryFn: ({ signal }) => api.send('get', '/pages/:page/settings', pageSettingsSchema, { param: { page }, signal }),
  });
  return (
    <>
      <Loaded query={settings} rows={8}>
        {(value) => <SettingsForm page={page} initial={value} />}
      </Loaded>
      <div className="grid fit">
        <Shares page={page} zone={zone} />
        <Exports page={page} zone={zone} />
        <Erasures />
      </div>
    </>
  );
}

function SettingsForm({ page, initial }: { page: string; initial: PageSettings }) {
  const [settings, setSettings] = useState(initial);
  const save = useApiMutation((api, json: PageSettings) =>
    api.send('put', '/pages/:page/settings', pageSettingsSchema, { param: { page }, json }),
  );
  function set(change: Partial<PageSettings>): void {
    save.reset();
    setSettings({ ...settings, ...change });
  }
  function submit(event: FormEvent): void {
    event.preventDefault();
    save.mutate(settings);
  }
  return (
    <form onSubmit={submit} className="stack">
      <div className="grid fit">
        <General settings={settings} set={set} error={save.error} />
        <AlertSettings
          page={page}
          alerts={settings.alerts}
          set={(alerts) => set({ alerts: { ...settings.alerts, ...alerts } })}
          error={save.error}
        />
      </div>
      <FormError error={save.error} fields={fieldsBelow(save.error, shownFields)} />
      <div className="form-actions">
        <button type="submit" className="primary" disabled={save.isPending}>
          {save.isPending ? 'Saving…' : 'Save settings'}
        </button>
        {save.isSuccess && (
          <span className="done" role="status">
            Saved.
          </span>
        )}
      </div>
    </form>
  );
}

interface PartProps {
  settings: PageSettings;
  set: (change: Partial<PageSettings>) => void;
  error: Error | null;
}

function General({ settings, set, error }: PartProps) {
  return (
    <Panel title="Time and privacy">
      <div className="form">
        <Field
          label="Time zone"
          help="Days and hours are counted by it. A change holds from the next hour on; what was counted stays in its hour."
          error={nestedFieldError(error, 'timeZone')}
        >
          {(control) => (
            <select {...control} value={settings.timeZone} onChange={({ target }) => set({ timeZone: target.value })}>
              {[...new Set([settings.timeZone, ...timeZones()])].map((zone) => (
                <option key={zone}>{zone}</option>
              ))}
            </select>
          )}
        </Field>
        <Field
          label="Sites with the tracker"
          help="One origin a line, such as https://ada.example. Events from elsewhere are refused."
          error={nestedFieldError(error, 'origins')}
        >
          {(control) => (
            <textarea
              {...control}
              dir="ltr"
              spellCheck={false}
              defaultValue={settings.origins.join('\n')}
              onChange={({ target }) => set({ origins: splitWords(target.value) })}
            />
          )}
        </Field>
        <label className="check">
          <input
            type="checkbox"
            checked={settings.consentedIds}
            onChange={({ target }) => set({ consentedIds: target.checked })}
          />
          Keep a first-party id that a visitor has consented to
        </label>
        <p className="soft">
          Without it a visitor is recognised within one day only, by a number that nobody can compute a few days later.
        </p>
      </div>
    </Panel>
  );
}
