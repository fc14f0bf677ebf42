import { type KeyboardEvent, useId, useState } from 'react';
import { Field } from '../components/field.tsx';

export interface Choice {
  value: string;
  label: string;
  /** In small print after the label. */
  note?: string;
  /** It is the text itself, so it is also chosen when the focus leaves the field. */
  typed?: true;
}

interface ChooserProps {
  label: string;
  help?: string;
  error?: string | undefined;
  /** In the order in which they were chosen. */
  chosen: readonly Choice[];
  onChange: (chosen: Choice[]) => void;
  search: string;
  onSearch: (text: string) => void;
  /** Matches of the search. */
  choices: readonly Choice[];
  /** Shown without matches. */
  none: string;
  max: number;
}

/** Chooses several entries of a list by typing: a combobox (WAI-ARIA Authoring Practices), and what was chosen so far. */
export function Chooser({ label, help, error, chosen, onChange, search, onSearch, choices, none, max }: ChooserProps) {
  const taken = new Set(chosen.map(({ value }) => value));
  function add(choice: Choice): void {
    onChange([...chosen, choice]);
    onSearch('');
  }
  return (
    <Field label={label} help={help} error={error}>
      {(control) => (
        <>
          {chosen.length > 0 && (
            <ul className="chosen" aria-label={`${label}: chosen`}>
              {chosen.map((choice) => (
                <li key={choice.value}>
                  <span dir="auto">{choice.label}</span>
                  {choice.note !== undefined && <small dir="auto">{choice.note}</small>}
                  <button
                    type="button"
                    aria-label={`Remove ${choice.label}`}
                    onClick={() => onChange(chosen.filter(({ value }) => value !== choice.value))}
                  >
                    ×
                  </button>
                </li>
              ))}
            </ul>
          )}
          <Combobox
            control={control}
            search={search}
            onSearch={onSearch}
            choices={choices.filter(({ value }) => !taken.has(value))}
            none={none}
            disabled={chosen.length >= max}
            onPick={add}
          />
        </>
      )}
    </Field>
  );
}

interface ComboboxProps extends Pick<ChooserProps, 'search' | 'onSearch' | 'choices' | 'none'> {
  control: object;
  disabled: boolean;
  onPick: (choice: Choice) => void;
}

function Combobox({ control, search, onSearch, choices, none, disabled, onPick }: ComboboxProps) {
  const list = useId();
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const at = Math.min(active, choices.length - 1);
  function pick(choice: Choice | undefined): void {
    if (choice === undefined) return;
    setActive(0);
    setOpen(false);
    onPick(choice);
  }
  function onKey(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      setOpen(true);
      setActive(open ? (at + step + choices.length) % Math.max(1, choices.length) : 0);
    } else if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      // With text, Enter chooses; without, it would submit the form by accident.
      if (open) pick(choices[at]);
    } else if (event.key === 'Escape' && open) setOpen(false);
    else return;
    event.preventDefault();
  }
  return (
    <span className="combobox">
      <input
        {...control}
        type="text"
        role="combobox"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={list}
        aria-activedescendant={open && choices[at] ? `${list}-${at}` : undefined}
        disabled={disabled}
        value={search}
        onChange={({ target }) => {
          onSearch(target.value);
          setActive(0);
          setOpen(true);
        }}
        onClick={() => setOpen(true)}
        onBlur={() => {
          setOpen(false);
          pick(choices.find(({ typed }) => typed));
        }}
        onKeyDown={onKey}
      />
      <ul role="listbox" id={list} aria-label="Matches" hidden={!open || choices.length === 0}>
        {choices.map((choice, index) => (
          <li
            key={choice.value}
            id={`${list}-${index}`}
            role="option"
            aria-selected={index === at}
            ref={(element) => {
              if (open && index === at) element?.scrollIntoView({ block: 'nearest' });
            }}
            // The field keeps the focus.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => pick(choice)}
            onKeyDown={onKey}
          >
            <span dir="auto">{choice.label}</span>
            {choice.note !== undefined && <small dir="auto">{choice.note}</small>}
          </li>
        ))}
      </ul>
      <span className="help" role="status">
        {open && choices.length === 0 && none}
      </span>
    </span>
  );
}
