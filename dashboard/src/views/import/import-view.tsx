import { useState } from 'react';
import { importLimits, type ImportResult, importResultSchema, type NewImport } from '#schemas/api/imports.ts';
import { pagesSchema } from '#schemas/api/pages.ts';
import { useApiMutation, useFullList } from '../../api/lists.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { Field, fieldError, FormError } from '../../components/field.tsx';
import { Panel } from '../../components/panel.tsx';
import { Heading } from '../shell/heading.tsx';
import { type Progress, sendParts } from './import-chunks.ts';
import { splitCsv } from './split-csv.ts';

/** Links from a CSV file: looked at first, then written. */
export default function ImportView() {
  const [csv, setCsv] = useState('');
  const [page, setPage] = useState('');
  const [replace, setReplace] = useState(false);
  const [progress, setProgress] = useState<Progress>();
  const send = useApiMutation((api, preview: boolean) => {
    function sendPart(part: string) {
      const body: NewImport = { csv: part, replace, preview, ...(page !== '' && { page }) };
      return api.send('post', '/imports', importResultSchema, { json: body });
    }
    return sendParts(splitCsv(csv, importLimits), sendPart, setProgress);
  });
  function change(apply: () => void): void {
    send.reset();
    apply();
  }
  const looked = send.data !== undefined && send.variables === true;
  return (
    <>
      <Heading
        title="Import links"
        subtitle="From a CSV file with a code and a url column. Exports of Bitly and Dub are understood."
      />
      <div className="grid">
        <Panel title="File" className="wide">
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
            <Field label="or its text" error={fieldError(send.error, 'csv')}>
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
            <PageChoice value={page} onChange={(next) => change(() => setPage(next))} />
            <label className="check">
              <input
                type="checkbox"
                checked={replace}
                onChange={({ target }) => change(() => setReplace(target.checked))}
              />
              Overwrite links that exist
            </label>
            <FormError error={send.error} fields={['csv']} />
            <div className="form-actions">
              <button
                type="button"
                className="quiet"
                disabled={csv.trim() === '' || send.isPending}
                onClick={() => send.mutate(true)}
              >
                {send.isPending ? working(progress) : 'Look first'}
              </button>
              <button
                type="button"
                className="primary"
                disabled={!looked || send.data.written === 0}
                onClick={() => send.mutate(false)}
              >
                Import
              </button>
            </div>
          </div>
        </Panel>
        {send.data && <Result result={send.data} preview={looked} />}
      </div>
    </>
  );
}

function PageChoice({ value, onChange }: { value: string; onChange: (page: string) => void }) {
  const { data: rows = [] } = useFullList(['pages'], (api, stretch) => api.send('get', '/pages', pagesSchema, stretch));
  return (
    <Field label="Page" help="For rows that name none.">
      {(control) => (
        <select {...control} value={value} onChange={({ target }) => onChange(target.value)}>
          <option value="">– each row names its page –</option>
          {rows.map(({ path, title }) => (
            <option key={path} value={path}>
              {title} ({path})
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

/** A large file goes in parts, and then it is told how far it is. */
function working(progress: Progress | undefined): string {
  return progress === undefined || progress.done === 0
    ? 'Working…'
    : `${formatCount(progress.done)} of ${plural(progress.rows, 'row')}…`;
}

function Result({ result, preview }: { result: ImportResult; preview: boolean }) {
  return (
    <Panel title={preview ? 'What would happen' : 'What happened'} className="wide">
      <div className="stack">
        <p role="status">
          <b>{plural(result.written, 'link')}</b> {preview ? 'would be written' : 'written'},{' '}
          <b>{plural(new Set(result.refused.map(({ line }) => line)).size, 'row')}</b> refused.
          {result.ignored.length > 0 && (
            <span className="soft"> Columns without a meaning here: {result.ignored.join(', ')}.</span>
          )}
        </p>
        {result.refused.length > 0 && <Refused rows={result.refused} />}
        {preview && result.sample.length > 0 && <Sample rows={result.sample} />}
      </div>
    </Panel>
  );
}

function Refused({ rows }: { rows: ImportResult['refused'] }) {
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label="Refused rows">
      <table>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col" className="text">
              Why it is refused
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ line, message }) => (
            <tr key={`${line}${message}`}>
              <th scope="row">{line}</th>
              <td className="text" dir="auto">
                {message}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Sample({ rows }: { rows: ImportResult['sample'] }) {
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label="First links">
      <table>
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col" className="text">
              Code
            </th>
            <th scope="col" className="text">
              Destination
            </th>
            <th scope="col" className="text">
              Page
            </th>
          </tr>
        </thead>
        <tbody>
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
        </tbody>
      </table>
    </div>
  );
}
