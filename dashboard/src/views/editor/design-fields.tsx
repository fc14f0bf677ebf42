import type { KeyboardEvent } from 'react';
import { useState } from 'react';
import type { PageDesign } from '#schemas/catalog.ts';
import { designLimits, pageThemes } from '#schemas/catalog-rules.ts';
import { fieldError } from '../../api/field-errors.ts';
import { PictureField } from '../../choosers/picture-field.tsx';
import { ColorField } from '../../components/color-field.tsx';
import { SelectField, TextField } from '../../components/inputs.tsx';
import { MoveButtons, moved } from './move-buttons.tsx';
import { shrinkPicture } from './small-picture.ts';

interface DesignFieldsProps {
  design: PageDesign;
  error: Error | null;
  onChange: (change: Partial<PageDesign>) => void;
  /** The links of the section follow its new name. */
  onRename: (from: string, to: string) => void;
}

const themeNames = { system: 'As on the visitor’s device', light: 'Light', dark: 'Dark' } as const;
const themes = pageThemes.map((value) => ({ value, label: themeNames[value] }));

export function DesignFields({ design, error, onChange, onRename }: DesignFieldsProps) {
  return (
    <>
      <PictureField
        label="Picture"
        help="Made small in your browser, and shown without a request to another site."
        error={fieldError(error, 'design.picture')}
        value={design.picture}
        onChange={(picture) => onChange({ picture })}
        shrink={shrinkPicture}
      />
      <div className="form-row">
        <ColorField
          label="Accent color"
          error={fieldError(error, 'design.accent')}
          value={design.accent}
          onChange={(accent) => onChange({ accent })}
        />
        <SelectField label="Theme" options={themes} value={design.theme} onChange={(theme) => onChange({ theme })} />
      </div>
      <Sections sections={design.sections} onChange={(sections) => onChange({ sections })} onRename={onRename} />
    </>
  );
}

interface SectionsProps {
  sections: readonly string[];
  onChange: (sections: string[]) => void;
  onRename: (from: string, to: string) => void;
}

function Sections({ sections, onChange, onRename }: SectionsProps) {
  const [added, setAdded] = useState('');
  const name = added.trim();
  const isNew = name !== '' && !sections.includes(name);
  function add(): void {
    if (!isNew) return;
    onChange([...sections, name]);
    setAdded('');
  }
  return (
    <fieldset>
      <legend>Sections</legend>
      <ol className="rows">
        {sections.map((section, index) => (
          <li key={section}>
            <input
              className="section-name"
              aria-label={`Name of section ${index + 1}`}
              dir="auto"
              maxLength={designLimits.section}
              defaultValue={section}
              onKeyDown={(event) => onEnter(event, () => event.currentTarget.blur())}
              onBlur={({ target }) => {
                const next = target.value.trim();
                if (next === '' || sections.includes(next)) target.value = section;
                else onRename(section, next);
              }}
            />
            <MoveButtons
              name={section}
              index={index}
              last={sections.length - 1}
              onMove={(to) => onChange(moved(sections, index, to))}
            />
            <button
              type="button"
              className="quiet small"
              aria-label={`Remove section ${section}`}
              onClick={() => onChange(sections.filter((each) => each !== section))}
            >
              Remove
            </button>
          </li>
        ))}
      </ol>
      {sections.length < designLimits.sections && (
        <div className="new-section">
          <TextField
            label="New section"
            maxLength={designLimits.section}
            value={added}
            onChange={setAdded}
            onKeyDown={(event) => onEnter(event, add)}
          />
          <button type="button" className="quiet" disabled={!isNew} onClick={add}>
            Add section
          </button>
        </div>
      )}
    </fieldset>
  );
}

/** Enter would submit the form. */
function onEnter(event: KeyboardEvent, act: () => void): void {
  if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
  event.preventDefault();
  act();
}
