import { useRef, useState } from 'react';
import { historyImportSchema, type NewHistoryImport } from '#schemas/history/history-api.ts';
import { historyFormatNames, historyFormatTitles } from '#schemas/history/history-formats.ts';
import { fieldError } from '../../api/field-errors.ts';
import { useApiMutation } from '../../api/lists.ts';
import { Field, FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { SelectField, TextField } from '../../components/inputs.tsx';
import { formatShare } from '../../format/numbers.ts';
import { timeZones } from '../../format/times.ts';
import { uploadFile } from './upload-file.ts';

interface ImportFormProps {
  /** Path of the page without the slash. */
  page: string;
  /** Receives the id of the import whose preview has begun. */
  onPreview: (id: string) => void;
}

type Options = Pick<NewHistoryImport, 'format' | 'zone' | 'until'>;

const formats = [
  { value: 'auto', label: 'Detect automatically' },
  ...historyFormatNames
    // Those are no files.
    .filter((name) => !name.endsWith('-api'))
    .map((value) => ({ value, label: historyFormatTitles[value] })),
] as const;

/** Uploads a file and starts its preview. */
export function ImportForm({ page, onPreview }: ImportFormProps) {
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<File>();
  const [sent, setSent] = useState<number>();
  const [options, setOptions] = useState<Options>({ format: 'auto' });
  const preview = useApiMutation(async (api, chosen: File) => {
    setSent(0);
    const json = { page: `/${page}`, fileName: chosen.name.slice(0, 200), bytes: chosen.size, ...options };
    const { id, upload } = await api.send('post', '/imports/history', historyImportSchema, { json });
    if (upload === null) throw new Error('The import has no address to upload to. Try again.');
    await uploadFile(upload.url, chosen, setSent);
    const param = { id };
    await api.send('post', '/imports/history/:id/start', historyImportSchema, { param, json: { dryRun: true } });
    return id;
  });
  function start(chosen: File): void {
    preview.mutate(chosen, {
      onSuccess: (id) => {
        onPreview(id);
        setFile(undefined);
        if (input.current) input.current.value = '';
      },
      onSettled: () => setSent(undefined),
    });
  }
  return (
    <Form onSubmit={() => file && start(file)}>
      <Field
        label="File"
        help="CSV, JSON or ZIP, as the tool exports it, also packed with gzip. Up to 2 GB."
        error={fieldError(preview.error, 'bytes')}
      >
        {(control) => (
          <input
            {...control}
            ref={input}
            type="file"
            required
            onChange={({ target }) => {
              preview.reset();
              setFile(target.files?.[0]);
            }}
          />
        )}
      </Field>
      <div className="form-row">
        <SelectField
          label="Format"
          options={formats}
          error={fieldError(preview.error, 'format')}
          value={options.format ?? 'auto'}
          onChange={(format) => setOptions({ ...options, format })}
        />
        <SelectField
          label="Time zone of the file"
          help="For times that name none."
          options={[{ value: '', label: 'None chosen' }, ...timeZones().map((zone) => ({ value: zone, label: zone }))]}
          error={fieldError(preview.error, 'zone')}
          value={options.zone ?? ''}
          onChange={(zone) => setOptions({ ...options, zone: zone === '' ? undefined : zone })}
        />
        <TextField
          label="Import until"
          help="First date left out. Empty: the first click counted here, link by link."
          type="date"
          error={fieldError(preview.error, 'until')}
          value={options.until ?? ''}
          onChange={(until) => setOptions({ ...options, until: until === '' ? undefined : until })}
        />
      </div>
      <FormError error={preview.error} fields={['bytes', 'format', 'zone', 'until']} />
      <div className="form-actions">
        <button type="submit" className="quiet" disabled={file === undefined || preview.isPending}>
          {sent === undefined ? 'Upload and preview' : `Uploading… ${formatShare(sent)}`}
        </button>
      </div>
    </Form>
  );
}
