import { useQuery } from '@tanstack/react-query';
import { agenciesSchema } from '#schemas/api/agencies.ts';
import { useApi } from '../api/context.tsx';
import { SelectField, TextField } from '../components/inputs.tsx';

interface AgencyFieldProps {
  error: string | undefined;
  /** Null: no agency. Empty: a new one whose name is not typed yet. */
  value: string | null;
  onChange: (agency: string | null) => void;
  required?: boolean;
}

/** Marks the choice of an agency that does not exist yet; no agency has an empty id. */
const another = '';

/** Chooses an agency from the list, or names a new one. */
export function AgencyField({ error, value, onChange, required = false }: AgencyFieldProps) {
  const api = useApi();
  const agencies = useQuery({
    queryKey: ['agencies'],
    queryFn: ({ signal }) => api.send('get', '/agencies', agenciesSchema, { signal }),
  });
  const ids = agencies.data?.rows.map(({ id }) => id) ?? [];
  const isNew = value !== null && !ids.includes(value);
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
        onChange={(choice) => onChange(choice === '' ? null : choice === 'new' ? another : choice.slice('id '.length))}
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
