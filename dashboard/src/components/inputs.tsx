import type { InputHTMLAttributes, ReactNode } from 'react';
import { Field } from './field.tsx';

interface InputProps<T> {
  label: string;
  help?: ReactNode;
  error?: string | undefined;
  value: T;
  onChange: (value: T) => void;
}

type TextFieldProps = InputProps<string> & Omit<InputHTMLAttributes<HTMLInputElement>, 'value' | 'onChange'>;

export function TextField({ label, help, error, onChange, ...input }: TextFieldProps) {
  return (
    <Field label={label} help={help} error={error}>
      {(control) => <input {...control} {...input} onChange={({ target }) => onChange(target.value)} />}
    </Field>
  );
}

interface SelectFieldProps<T> extends InputProps<T> {
  options: readonly { value: T; label: string }[];
  disabled?: boolean;
  /** Refuses the option with the value `''`. */
  required?: boolean;
}

export function SelectField<T extends string | number>(props: SelectFieldProps<T>) {
  const { label, help, error, value, onChange, options, disabled, required } = props;
  function select(text: string): void {
    const option = options.find((each) => String(each.value) === text);
    if (option !== undefined) onChange(option.value);
  }
  return (
    <Field label={label} help={help} error={error}>
      {(control) => (
        <select
          {...control}
          disabled={disabled}
          required={required}
          value={value}
          onChange={({ target }) => select(target.value)}
        >
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

interface CheckboxProps {
  label: ReactNode;
  checked: boolean;
  onChange: (checked: boolean) => void;
}

export function Checkbox({ label, checked, onChange }: CheckboxProps) {
  return (
    <label className="check">
      <input type="checkbox" checked={checked} onChange={({ target }) => onChange(target.checked)} />
      {label}
    </label>
  );
}

interface CheckboxesProps<T extends string> {
  legend: string;
  /** In the order in which they are shown. */
  options: readonly T[];
  names: Readonly<Record<T, string>>;
  value: readonly T[];
  onChange: (value: T[]) => void;
}

/** Chooses some of a few options; the value keeps their order. */
export function Checkboxes<T extends string>({ legend, options, names, value, onChange }: CheckboxesProps<T>) {
  return (
    <fieldset>
      <legend>{legend}</legend>
      {options.map((option) => (
        <Checkbox
          key={option}
          label={names[option]}
          checked={value.includes(option)}
          onChange={(checked) => onChange(options.filter((each) => (each === option ? checked : value.includes(each))))}
        />
      ))}
    </fieldset>
  );
}
