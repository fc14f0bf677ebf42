import type { ReactNode } from 'react';
import { type PageSettings, pageSettingsSchema } from '#schemas/api/pages.ts';
import { useApiMutation } from '../../api/lists.ts';
import { FormError } from '../../components/field.tsx';
import { Form, LoadStored } from '../../components/form.tsx';
import { Panel } from '../../components/panel.tsx';

/** Edited fields. */
export type SettingsDraft = Partial<Omit<PageSettings, 'alerts'>> & { alerts?: Partial<PageSettings['alerts']> };

export interface SectionProps {
  /** Path of the page without the slash. */
  page: string;
  /** The settings that the edits are based on. */
  base: PageSettings;
  /** Undefined without edits. */
  draft: SettingsDraft | undefined;
  setDraft: (draft: SettingsDraft | undefined) => void;
  onSaved: (saved: PageSettings, draft: SettingsDraft | undefined) => void;
  onReload: () => void;
}

/** What the fields of a section get. */
export interface SectionFields {
  /** As stored, with the edits. */
  settings: PageSettings;
  set: (change: Partial<Omit<PageSettings, 'alerts'>>) => void;
  setAlerts: (change: Partial<PageSettings['alerts']>) => void;
  error: Error | null;
}

interface SectionFormProps extends SectionProps {
  title: string;
  /** Completes “Save”: `alert settings`. */
  what: string;
  /** Fields that show their own error. */
  fields: readonly string[];
  children: (fields: SectionFields) => ReactNode;
}

/** One section of the settings, with its own Save button. */
export function SectionForm({ title, what, fields, children, ...section }: SectionFormProps) {
  const { page, base, draft, setDraft, onSaved, onReload } = section;
  const settings = { ...base, ...draft, alerts: { ...base.alerts, ...draft?.alerts } };
  const save = useApiMutation(async (api) => {
    const request = { param: { page }, json: settings, ifUnchanged: base };
    const saved = await api.send('put', '/pages/:page/settings', pageSettingsSchema, request);
    // Not when the mutation has succeeded: that is after all queries were read again.
    onSaved(saved, draft);
  });
  function set(change: SettingsDraft): void {
    save.reset();
    setDraft({ ...draft, ...change });
  }
  return (
    <Panel title={title}>
      <Form onSubmit={() => save.mutate(undefined)}>
        {children({
          settings,
          set,
          setAlerts: (change) => set({ alerts: { ...draft?.alerts, ...change } }),
          error: save.error,
        })}
        <FormError error={save.error} fields={fields} />
        <div className="form-actions">
          <button type="submit" className="primary" disabled={draft === undefined || save.isPending}>
            {save.isPending ? 'Saving…' : `Save ${what}`}
          </button>
          {draft !== undefined && (
            <button
              type="button"
              className="quiet"
              onClick={() => {
                save.reset();
                setDraft(undefined);
              }}
            >
              Discard edits
            </button>
          )}
          <LoadStored
            error={save.error}
            what="settings"
            onLoad={() => {
              save.reset();
              onReload();
            }}
          />
          <span className="done" role="status">
            {save.isSuccess && 'Settings saved.'}
          </span>
        </div>
      </Form>
    </Panel>
  );
}
