import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { type MailKind, mailKinds, type PageAlerts, sensitivities } from '#schemas/alerts.ts';
import { type PageSettings, pageSettingsSchema } from '#schemas/api/pages.ts';
import { useApi } from '../../api/context.tsx';
import { useChange } from '../../api/lists.ts';
import { timeZones } from '../../format/times.ts';
import { Field, faultOf, FormFault } from '../../parts/field.tsx';
import { Loaded, Panel } from '../../parts/panel.tsx';
import { Erasures } from './erasures.tsx';
import { Exports } from './exports.tsx';
import { Shares } from './shares.tsx';

const linesOf = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');

const mailNames: Readonly<Record<MailKind, string>> = {
  alert: 'When something is wrong',
  recovery: 'When it is over',
  digest: 'Every week, a summary',
  agency: 'Every day, for the agency',
};
const sensitivityNames = {
  low: 'Low – only what is glaring',
  normal: 'Normal',
  high: 'High – small changes too',
} as const;

interface PartProps {
  settings: PageSettings;
  set: (change: Partial<PageSettings>) => void;
  error: Error | null;
}

const General = ({ settings, set, error }: PartProps) => (
  <Panel title="Time and privacy">
    <div className="form">
      <Field
        label="Time zone"
        help="Days and hours are counted by it. A change holds from the next hour on; what was counted stays in its hour."
        fault={faultOf(error, 'timeZone')}
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
        fault={faultOf(error, 'origins')}
      >
        {(control) => (
          <textarea
            {...control}
            dir="ltr"
            spellCheck={false}
            defaultValue={settings.origins.join('\n')}
            onChange={({ target }) => set({ origins: linesOf(target.value) })}
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

const QuietHours = ({ alerts, set }: { alerts: PageAlerts; set: (change: Partial<PageAlerts>) => void }) => {
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  const quiet = alerts.quietHours;
  const pick = (name: 'from' | 'to', label: string) => (
    <Field label={label}>
      {(control) => (
        <select
          {...control}
          disabled={quiet === null}
          value={quiet?.[name] ?? 0}
          onChange={({ target }) => quiet && set({ quietHours: { ...quiet, [name]: Number(target.value) } })}
        >
          {hours.map((hour) => (
            <option key={hour} value={hour}>
              {String(hour).padStart(2, '0')}:00
            </option>
          ))}
        </select>
      )}
    </Field>
  );
  return (
    <>
      <label className="check">
        <input
          type="checkbox"
          checked={quiet !== null}
          onChange={({ target }) => set({ quietHours: target.checked ? { from: 22, to: 7 } : null })}
        />
        No mail during quiet hours
      </label>
      {quiet !== null && (
        <div className="form-row">
          {pick('from', 'From')}
          {pick('to', 'To')}
        </div>
      )}
    </>
  );
};

const Alerts = ({ settings, set, error }: PartProps) => {
  const { alerts } = settings;
  const change = (next: Partial<PageAlerts>): void => set({ alerts: { ...alerts, ...next } });
  return (
    <Panel title="Alerts">
      <div className="form">
        <label className="check">
          <input
            type="checkbox"
            checked={alerts.enabled}
            onChange={({ target }) => change({ enabled: target.checked })}
          />
          Watch this page
        </label>
        <Field label="Sensitivity" help="Small numbers need a larger surprise, whichever you choose.">
          {(control) => (
            <select
              {...control}
              value={alerts.sensitivity}
              onChange={({ target }) =>
                change({ sensitivity: sensitivities.find((each) => each === target.value) ?? 'normal' })
              }
            >
              {sensitivities.map((each) => (
                <option key={each} value={each}>
                  {sensitivityNames[each]}
                </option>
              ))}
            </select>
          )}
        </Field>
        <Field
          label="Send to"
          help="Addresses, one a line. When empty, the page’s creators."
          fault={faultOf(error, 'alerts.recipients')}
        >
          {(control) => (
            <textarea
              {...control}
              dir="ltr"
              defaultValue={alerts.recipients.join('\n')}
              onChange={({ target }) => change({ recipients: linesOf(target.value) })}
            />
          )}
        </Field>
        <fieldset>
          <legend>Mails</legend>
          {mailKinds.map((kind) => (
            <label className="check" key={kind}>
              <input
                type="checkbox"
                checked={alerts.kinds.includes(kind)}
                onChange={({ target }) =>
                  change({
                    kinds: mailKinds.filter((each) => (each === kind ? target.checked : alerts.kinds.includes(each))),
                  })
                }
              />
              {mailNames[kind]}
            </label>
          ))}
        </fieldset>
        <QuietHours alerts={alerts} set={change} />
        <Field
          label="Goal"
          help="Views that a month should bring; the forecast says whether it will."
          fault={faultOf(error, 'alerts.goal')}
        >
          {(control) => (
            <input
              {...control}
              type="number"
              min={1}
              step={1}
              inputMode="numeric"
              value={alerts.goal ?? ''}
              onChange={({ target }) => change({ goal: target.value === '' ? null : Math.round(Number(target.value)) })}
            />
          )}
        </Field>
      </div>
    </Panel>
  );
};

const settingsPath = (page: string): string => `/pages/${encodeURIComponent(page)}/settings`;

const SettingsForm = ({ page, initial }: { page: string; initial: PageSettings }) => {
  const [settings, setSettings] = useState(initial);
  const save = useChange((api, body: PageSettings) =>
    api.send(settingsPath(page), pageSettingsSchema, { method: 'PUT', body }),
  );
  const set = (change: Partial<PageSettings>): void => {
    save.reset();
    setSettings({ ...settings, ...change });
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    save.mutate(settings);
  };
  return (
    <form onSubmit={submit} className="stack">
      <div className="grid fit">
        <General settings={settings} set={set} error={save.error} />
        <Alerts settings={settings} set={set} error={save.error} />
      </div>
      <FormFault error={save.error} fields={['timeZone', 'origins', 'alerts.recipients', 'alerts.goal']} />
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
};

/** Settings of a page, and what may leave it. `page` is its path without the slash. */
const SettingsView = ({ page, zone }: { page: string; zone: string }) => {
  const api = useApi();
  const settings = useQuery({
    queryKey: ['settings', page],
    queryFn: ({ signal }) => api.send(settingsPath(page), pageSettingsSchema, { signal }),
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
};

export default SettingsView;
