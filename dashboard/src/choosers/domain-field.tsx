import { SelectField } from '../components/inputs.tsx';

interface DomainFieldProps {
  help: string;
  error?: string | undefined;
  /** Besides the stack's own. */
  domains: readonly string[];
  /** Empty: the stack's own. */
  value: string;
  onChange: (value: string) => void;
}

/** Chooses a domain, if there is a choice. One that is gone stays chosen until another one is. */
export function DomainField({ domains, ...field }: DomainFieldProps) {
  if (domains.length === 0 && field.value === '') return null;
  const names = [...new Set(['', ...domains, field.value])];
  return (
    <SelectField
      label="Domain"
      options={names.map((value) => ({ value, label: value === '' ? window.location.hostname : value }))}
      {...field}
    />
  );
}
