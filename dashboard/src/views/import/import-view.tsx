import { useState } from 'react';
import { importLimits, type ImportResult, importResultSchema, type NewImport } from '#schemas/api/imports.ts';
import { pagesSchema } from '#schemas/api/pages.ts';
import { useApiMutation, useFullList } from '../../api/lists.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { fieldError } from '../../api/field-errors.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Field, FormError } from '../../components/field.tsx';
import { Checkbox, SelectField } from '../../components/inputs.tsx';
import { Panel } from '../../components/panel.tsx';
import { Heading } from '../shell/heading.tsx';
import { importChunks, type Progress } from './import-chunks.ts';
import { splitCsv } from './split-csv.ts';

/** Imports links from a CSV file, after a preview. */
export default function ImportView() {
  const [csv, setCsv] = useState('');
  const [page, setPage] = useState('');
  const [replace, setReplace] = useState(false);
  const [progress, setProgress] = useState<Progress>();
  const send = useApiMutation((api, preview: boolean) => {
    function sendChunk(chunk: string) {
      const body: NewImport = { csv: chunk, replace, preview, ...(page !== '' && { page }) };
      return api.send('post', '/imports', importResultSchema, { json: body });
    }
    return importChunks(splitCsv(csv, importLimits), sendChunk, setProgress);
  });
  function change(apply: () => void): void {
    send.reset();
    apply();
  }
  const previewed = send.data !== undefined && send.variables === true;
  return (
    <>
      <Heading
        title="Import links"
        subtitle="From a CSV file with the columns code and url, or an export from Bitly or Dub."
      />
      <div className="grid">
        <Panel title="Links to import" className="wide">
          <div className="form">
            <Field label="CSV file">
              {(control) => (
                <input
                  {...control}
                  type="file"
                  accept=".csv,.tsv,text/csv"
                  onChange={({ target }) => void target.files?.[0]?.text().then((text) => change(() => setCsv(text)))}
                />
              )}
            </Field>
            <Field label="Or paste CSV text" error={fieldError(send.error, 'csv')}>
              {(control) => (
                <textarea
                  {...control}
                  dir="ltr"
                  spellCheck={false}
                  rows={8}
                  placeholder={'code,url,title\nspring,https://example.com/spring,The spring collection'}
                  value={csv}
                  onChange={({ target }) => change(() => setCsv(target.value))}
                />
              )}
            </Field>
            <PageSelect value={page} onChange={(next) => change(() => setPage(next))} />
            <Checkbox
              label="Overwrite existing links"
              checked={replace}
              onChange={(checked) => change(() => setReplace(checked))}
            />
            <FormError error={send.error} fields={['csv']} />
            <div className="form-actions">
              <button
                type="button"
                className="quiet"
                disabled={csv.trim() === '' || send.isPending}
                onClick={() => send.mutate(true)}
              >
                {send.isPending ? formatProgress(progress) : 'Preview'}
              </button>
              <button
                type="button"
                className="primary"
                disabled={!previewed || send.data.written === 0}
                onClick={() => send.mutate(false)}
              >
                Import links
              </button>
            </div>
          </div>
        </Panel>
        {send.data && <Result result={send.data} preview={previewed} />}
      </div>
    </>
  );
}

function PageSelect({ value, onChange }: { value: string; onChange: (page: string) => void }) {
  const { data: rows = [] } = useFullList(['pages'], (api, request) => api.send('get', '/pages', pagesSchema, request));
  return (
    <SelectField
      label="Page"
      help="Used for rows without a page."
      options={[
        { value: '', label: 'None: every row has a page' },
        ...rows.map(({ path, title }) => ({ value: path, label: `${title} (${path})` })),
      ]}
      value={value}
      onChange={onChange}
    />
  );
}

/** Returns the progress of a file with several chunks. */
function formatProgress(progress: Progress | undefined): string {
  return progress === undefined || progress.done === 0
    ? 'Checking…'
    : `${formatCount(progress.done)} of ${plural(progress.rows, 'row')}…`;
}

function Result({ result, preview }: { result: ImportResult; preview: boolean }) {
  return (
    <Panel title={preview ? 'Preview' : 'Import result'} className="wide">
      <div className="stack">
        <p role="status">
          <b>{plural(result.written, 'link')}</b> {preview ? 'to import' : 'imported'},{' '}
          <b>{plural(new Set(result.refused.map(({ line }) => line)).size, 'row')}</b>{' '}
          {preview ? 'with errors' : 'rejected'}.
          {result.ignored.length > 0 && <span className="soft"> Ignored columns: {result.ignored.join(', ')}.</span>}
        </p>
        {result.refused.length > 0 && <RejectedRows rows={result.refused} />}
        {preview && result.sample.length > 0 && <Sample rows={result.sample} />}
      </div>
    </Panel>
  );
}

function RejectedRows({ rows }: { rows: ImportResult['refused'] }) {
  return (
    <DataTable label="Rejected rows" columns={['Line', { name: 'Error', align: 'text' }]}>
      {rows.map(({ line, message }) => (
        <tr key={`${line}${message}`}>
          <th scope="row">{line}</th>
          <td className="text" dir="auto">
            {message}
          </td>
        </tr>
      ))}
    </DataTable>
  );
}

const sampleColumns = [
  'Line',
  ...(['Code', 'Destination', 'Page'] as const).map((name) => ({ name, align: 'text' }) as const),
];

function Sample({ rows }: { rows: ImportResult['sample'] }) {
  return (
    <DataTable label="First links" columns={sampleColumns}>
      {rows.map(({ line, code, url, page }) => (
        <tr key={line}>
          <th scope="row">{line}</th>
          <td className="text">{code}</td>
          <td className="text" dir="ltr">
            {url}
          </td>
          <td className="text">{page}</td>
        </tr>
      ))}
    </DataTable>
  );
}
