import { Field } from './field.tsx';

interface ColorFieldProps {
  label: string;
  error?: string | undefined;
  value: string | null;
  onChange: (color: string | null) => void;
}

/** The accent of what has none of its own. */
const usualAccent = '#b3461f';

/** An accent color, or the usual one. */
export function ColorField({ label, error, value, onChange }: ColorFieldProps) {
  return (
    <Field label={label} help="Made darker or lighter where it would be hard to read." error={error}>
      {(control) => (
        <span className="form-actions">
          <input
            {...control}
            type="color"
            value={value ?? usualAccent}
            onChange={({ target }) => onChange(target.value)}
          />
          {value !== null && (
            <button type="button" className="quiet small" onClick={() => onChange(null)}>
              Reset color
            </button>
          )}
        </span>
      )}
    </Field>
  );
}
