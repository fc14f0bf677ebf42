import { useState } from 'react';
import { useAgencies } from '../api/queries.ts';
import { SelectField, TextField } from '../components/inputs.tsx';

interface AgencyFieldProps {
  error: string | undefined;
  /** Null: no agency. Empty: a new one whose name is not typed yet. */
  value: string | null;
  onChange: (agency: string | null) => void;
  required?: boolean;
}

/** Chooses an agency from the list, or names a new one. */
export function AgencyField({ error, value, onChange, required = false }: AgencyFieldProps) {
  const agencies = useAgencies();
  const ids = agencies.data?.rows.map(({ id }) => id) ?? [];
  // Not derived from the value: the name of a new agency may begin with the whole name of another.
  const [isNaming, setNaming] = useState(false);
  const isNew = isNaming && value !== null;
  function choose(choice: string): void {
    setNaming(choice === 'new');
    onChange(choice === '' ? null : choice === 'new' ? '' : choice.slice('id '.length));
  }
  return (
    <>
      <SelectField
        label="Agency"
        error={isNew ? undefined : error}
        required={required}
        options={[
          { value: '', label: required ? 'Choose an agency' : 'No agency' },
          ...ids.map((id) => ({ value: `id ${id}`, label: id })),
          { value: 'new', label: 'New agency…' },
        ]}
        value={value === null ? '' : isNew ? 'new' : `id ${value}`}
        onChange={choose}
      />
      {isNew && (
        <TextField
          label="Name of the new agency"
          error={error}
          required
          maxLength={128}
          value={value}
          onChange={onChange}
        />
      )}
    </>
  );
}
