import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type PageSettings, pageSettingsSchema } from '#schemas/api/pages.ts';
import { useApi } from '../../api/context.tsx';
import { useApiMutation } from '../../api/lists.ts';
import { timeZones } from '../../format/times.ts';
import { Field, FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { Checkbox, SelectField } from '../../components/inputs.tsx';
import { Loaded, Panel } from '../../components/panel.tsx';
import { AlertSettings } from './alert-settings.tsx';
import { Erasures } from './erasures.tsx';
import { Exports } from './exports.tsx';
import { MailSettings } from './mail-settings.tsx';
import { fieldError } from '../../api/field-errors.ts';
import { splitWords } from '../../format/words.ts';
import { Shares } from './shares.tsx';

/** Fields that show their own error. */
const fields = ['timeZone', 'origins', 'alerts.recipients', 'alerts.goal', 'alerts.badDays'];

/** Settings, share links, exports and erasures of a page. @param page its path without the slash */
export default function SettingsView({ page, zone }: { page: string; zone: string }) {
  const api = useApi();
  const settings = useQuery({
    queryKey: ['settings', page],
    // A response keeps its etag.
    structuralSharing: false,
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
  const [loaded, setLoaded] = useState(initial);
  const save = useApiMutation((api, json: PageSettings) =>
    api.send('put', '/pages/:page/settings', pageSettingsSchema, { param: { page }, json, ifUnchanged: loaded }),
  );
  function set(change: Partial<PageSettings>): void {
    save.reset();
    setSettings({ ...settings, ...change });
  }
  function setAlerts(alerts: Partial<PageSettings['alerts']>): void {
    set({ alerts: { ...settings.alerts, ...alerts } });
  }
  return (
    <Form onSubmit={() => save.mutate(settings, { onSuccess: setLoaded })} className="stack">
      <div className="grid fit">
        <General settings={settings} set={set} error={save.error} />
        <AlertSettings page={page} alerts={settings.alerts} set={setAlerts} error={save.error} />
        <MailSettings page={page} alerts={settings.alerts} set={setAlerts} error={save.error} />
      </div>
      <FormError error={save.error} fields={fields} />
      <div className="form-actions">
        <button type="submit" className="primary" disabled={save.isPending}>
          {save.isPending ? 'Saving…' : 'Save settings'}
        </button>
        {save.isSuccess && (
          <span className="done" role="status">
            Settings saved.
          </span>
        )}
      </div>
    </Form>
  );
}

interface GeneralProps {
  settings: PageSettings;
  set: (change: Partial<PageSettings>) => void;
  error: Error | null;
}

function General({ settings, set, error }: GeneralProps) {
  const zones = [...new Set([settings.timeZone, ...timeZones()])];
  return (
    <Panel title="Time zone and privacy">
      <div className="form">
        <SelectField
          label="Time zone"
          help="Changes apply from the next hour. Past data is not affected."
          error={fieldError(error, 'timeZone')}
          options={zones.map((zone) => ({ value: zone, label: zone }))}
          value={settings.timeZone}
          onChange={(timeZone) => set({ timeZone })}
        />
        <Field
          label="Sites with the tracker"
          help="One origin per line, such as https://ada.example. Events from other sites are refused."
          error={fieldError(error, 'origins')}
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
        <Checkbox
          label="Store ids of visitors who consented"
          checked={settings.consentedIds}
          onChange={(consentedIds) => set({ consentedIds })}
        />
        <p className="soft">Without such an id, a visitor is recognized within one day only.</p>
      </div>
    </Panel>
  );
}
