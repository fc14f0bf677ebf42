import type { PageSettings } from '#schemas/api/pages.ts';
import { fieldError } from '../../api/field-errors.ts';
import { OriginsField } from '../../choosers/origins-field.tsx';
import { SelectField } from '../../components/inputs.tsx';
import { Notice } from '../../components/panel.tsx';
import { SectionForm, type SectionFields, type SectionProps } from './section-form.tsx';

export function TrackingSettings(props: SectionProps) {
  return (
    <SectionForm title="Tracking" what="tracking settings" fields={['origins']} {...props}>
      {({ settings, set, error }) => (
        <>
          <OriginsField
            label="Sites with the tracker"
            help="Type an address such as ada.example. Events from other sites are refused."
            error={fieldError(error, 'origins')}
            origins={settings.origins}
            onChange={(origins) => set({ origins })}
            max={maxOrigins}
          />
          <Identities settings={settings} set={set} stored={props.base.identities} />
        </>
      )}
    </SectionForm>
  );
}

/** The API's limit. */
const maxOrigins = 50;

type Mode = PageSettings['identities'];

const modes: readonly { value: Mode; label: string }[] = [
  { value: 'none', label: 'None' },
  { value: 'identified', label: 'Of people you identify' },
  { value: 'all', label: 'Of all visitors' },
];

/** What each choice stores. */
const explanations: Readonly<Record<Mode, string>> = {
  none: 'A visitor is recognized within one day only, by a number that nobody can compute later.',
  identified:
    'Stores the id that your site passes after sign-in as a hash, which is different on every page. The id itself, traits and e-mail addresses are never stored.',
  all: 'Also stores the ids that SDKs keep on devices, as hashes, and which person each belongs to. A cookie of an SDK is no consent: choose this only if your visitors agree.',
};

function Identities({ settings, set, stored }: Pick<SectionFields, 'settings' | 'set'> & { stored: Mode }) {
  const { identities } = settings;
  return (
    <div className="stack">
      <SelectField
        label="Ids of people"
        help="Only of people who consented. Global Privacy Control and Do Not Track are honored."
        options={modes}
        value={identities}
        onChange={(value) => set({ identities: value })}
      />
      <p className="soft">{explanations[identities]}</p>
      {identities === 'none' && stored !== 'none' && (
        <Notice>
          Within a minute after you save, no ids are stored any more. Those stored so far stay with their events until
          an admin erases them under Data, or the events expire.
        </Notice>
      )}
    </div>
  );
}
