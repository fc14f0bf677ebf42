import { fieldError } from '../../api/field-errors.ts';
import { ZoneField } from '../../choosers/zone-field.tsx';
import { TextField } from '../../components/inputs.tsx';
import { SectionForm, type SectionProps } from './section-form.tsx';

export function GeneralSettings(props: SectionProps) {
  return (
    <SectionForm title="General" what="general settings" fields={['timeZone', 'alerts.goal']} {...props}>
      {({ settings, set, setAlerts, error }) => (
        <>
          <ZoneField
            help="Changes apply from the next hour. Past data is not affected."
            error={fieldError(error, 'timeZone')}
            value={settings.timeZone}
            onChange={(timeZone) => set({ timeZone })}
          />
          <TextField
            label="Monthly goal"
            help="Views per month, or clicks if the links are shared without the page."
            error={fieldError(error, 'alerts.goal')}
            type="number"
            min={1}
            step={1}
            inputMode="numeric"
            value={String(settings.alerts.goal ?? '')}
            onChange={(text) => setAlerts({ goal: text === '' ? null : Math.round(Number(text)) })}
          />
        </>
      )}
    </SectionForm>
  );
}
