import { type UtmColumn, utmColumns } from '#schemas/campaign-parameters.ts';
import { TextField } from '../components/inputs.tsx';

interface UtmFieldsProps {
  value: Readonly<Record<UtmColumn, string>>;
  onChange: (value: Record<UtmColumn, string>) => void;
}

/** A field for each UTM parameter, in a row. */
export function UtmFields({ value, onChange }: UtmFieldsProps) {
  return (
    <div className="form-row">
      {utmColumns.map((name) => (
        <TextField
          key={name}
          label={name.slice(4).replace(/^./, (letter) => letter.toUpperCase())}
          maxLength={200}
          value={value[name]}
          onChange={(text) => onChange({ ...value, [name]: text })}
        />
      ))}
    </div>
  );
}
