import { useState } from 'react';
import { fieldError } from '../../api/field-errors.ts';
import { Chooser } from '../../choosers/chooser.tsx';
import { readOrigin } from '../../choosers/origin.ts';
import { Checkbox } from '../../components/inputs.tsx';
import { SectionForm, type SectionFields, type SectionProps } from './section-form.tsx';

export function TrackingSettings(props: SectionProps) {
  return (
    <SectionForm title="Tracking" what="tracking settings" fields={['origins']} {...props}>
      {(fields) => (
        <>
          <Origins {...fields} />
          <div>
            <Checkbox
              label="Store ids of visitors who consented"
              checked={fields.settings.consentedIds}
              onChange={(consentedIds) => fields.set({ consentedIds })}
            />
            <p className="soft">Without such an id, a visitor is recognized within one day only.</p>
          </div>
        </>
      )}
    </SectionForm>
  );
}

/** The API's limit. */
const maxOrigins = 50;

function Origins({ settings, set, error }: SectionFields) {
  const [search, setSearch] = useState('');
  const typed = readOrigin(search);
  return (
    <Chooser
      label="Sites with the tracker"
      help="Type an address such as ada.example. Events from other sites are refused."
      error={fieldError(error, 'origins')}
      chosen={settings.origins.map((origin) => ({ value: origin, label: origin }))}
      onChange={(chosen) => set({ origins: chosen.map(({ value }) => value) })}
      search={search}
      onSearch={setSearch}
      choices={typed === undefined ? [] : [{ value: typed, label: typed, typed: true }]}
      none={search === '' ? '' : 'Not an address of a site.'}
      max={maxOrigins}
    />
  );
}
