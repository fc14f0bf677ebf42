import { useMutation } from '@tanstack/react-query';
import { Field } from '../components/field.tsx';

interface PictureFieldProps {
  /** `Picture`, `Logo` */
  label: string;
  help: string;
  error: string | undefined;
  /** As a data URL. */
  value: string | null;
  onChange: (picture: string | null) => void;
  /** Returns a file as a small data URL. @throws {Error} with what the user may do */
  shrink: (file: Blob) => Promise<string>;
}

/** Chooses a picture, which is made small before it is sent. */
export function PictureField({ label, help, error, value, onChange, shrink }: PictureFieldProps) {
  const shrinking = useMutation({ mutationFn: shrink, onSuccess: onChange });
  return (
    <Field label={label} help={help} error={shrinking.error?.message ?? error}>
      {(control) => (
        <span className="form-actions">
          <input
            {...control}
            type="file"
            accept="image/*"
            onChange={({ target }) => target.files?.[0] && shrinking.mutate(target.files[0])}
          />
          {value !== null && (
            <button type="button" className="quiet small" onClick={() => onChange(null)}>
              Remove {label.toLowerCase()}
            </button>
          )}
        </span>
      )}
    </Field>
  );
}
