import { useMemo, useState } from 'react';
import type { ColumnChoices } from '#core/imports/map-columns.ts';
import { type LinksRead, readLinks, type RowProblem } from '#core/imports/read-links.ts';
import { readTable, type Table } from '#core/imports/read-table.ts';
import { importLimits, type ImportResult, importResultSchema, type NewImport } from '#schemas/api/imports.ts';
import { pagesSchema } from '#schemas/api/pages.ts';
import { useApiMutation, useFullList } from '../../api/lists.ts';
import { formatCount, plural } from '../../format/numbers.ts';
import { timeZones } from '../../format/times.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Field, FormError } from '../../components/field.tsx';
import { Checkbox, SelectField } from '../../components/inputs.tsx';
import { Panel } from '../../components/panel.tsx';
import { Link } from '../../router/link.tsx';
import { useLocation } from '../../router/location.ts';
import { pagePath, settingsPath } from '../../router/routes.ts';
import { Heading } from '../shell/heading.tsx';
import { withoutScheme } from '../links/short-url.ts';
import { ColumnMapping } from './column-mapping.tsx';
import { PullPanel } from './pull-panel.tsx';
import { importChunks, type Progress } from './import-chunks.ts';

/** Imports links from a file of any tool: read here, its columns shown, then a preview, then the import. */
export default function ImportView() {
  const [text, setText] = useState('');
  const [file, setFile] = useState<{ table?: Table; error?: string }>({});
  const [choices, setChoices] = useState<ColumnChoices>({});
  const [zone, setZone] = useState('');
  const { query } = useLocation();
  const [page, setPage] = useState(query.get('page') ?? '');
  const [replace, setReplace] = useState(false);
  const [progress, setProgress] = useState<Progress>();
  const { table } = file;
  const pages = usePages();
  const read = useMemo(
    () => table && readLinks(table, { choices, zone: zone === '' ? undefined : zone }),
    [table, choices, zone],
  );
  const send = useApiMutation((api, preview: boolean) =>
    importChunks(read?.links ?? [], requestLimits, {
      send: (links) => {
        const body: NewImport = { links, replace, preview, ...(page !== '' && { page }) };
        return api.send('post', '/imports', importResultSchema, { json: body });
      },
      onProgress: setProgress,
    }),
  );
  function change(apply: () => void): void {
    send.reset();
    apply();
  }
  function open(bytes: Uint8Array): void {
    change(() => {
      setFile(readBytes(bytes));
      setChoices({});
      setZone('');
    });
  }
  function paste(pasted: string): void {
    setText(pasted);
    if (pasted.trim() === '') change(() => setFile({}));
    else open(new TextEncoder().encode(pasted));
  }
  const needsZone = zone !== '' || read?.questions.some(({ about }) => about === 'zone') === true;
  const needsPage = page === '' && read !== undefined && !read.columns.some(({ field }) => field === 'page');
  const isReady = read !== undefined && read.questions.length === 0 && read.rows > 0 && !needsPage;
  const hasClicks = read?.columns.some(({ name, field }) => field === null && isCount(name)) === true;
  const previewed = send.data !== undefined && send.variables === true;
  return (
    <>
      <Heading
        title="Import links"
        subtitle={
          <>
            Links come from a file, or with their clicks from the API of a tool. Files with clicks or views:{' '}
            {history(page)}.
          </>
        }
      />
      <div className="grid">
        <Panel title="Links to import" className="wide">
          <div className="form">
            <Field
              label="File"
              help="CSV, JSON or Excel text: an export of Bitly, Dub, Shlink, YOURLS, Kutt, Rebrandly, Short.io or TinyURL, or your own. Up to 100 MB."
              error={file.error}
            >
              {(control) => (
                <input
                  {...control}
                  type="file"
                  accept=".csv,.tsv,.txt,.json,.jsonl,text/csv,application/json"
                  onChange={({ target }) =>
                    void target.files?.[0]?.arrayBuffer().then((read) => open(new Uint8Array(read)))
                  }
                />
              )}
            </Field>
            <Field label="Or paste CSV or JSON">
              {(control) => (
                <textarea
                  {...control}
                  dir="ltr"
                  spellCheck={false}
                  rows={4}
                  placeholder={'code,url,title\nspring,https://example.com/spring,The spring collection'}
                  value={text}
                  onChange={({ target }) => paste(target.value)}
                />
              )}
            </Field>
            <SelectField
              label="Page"
              help="Gets the links of rows that name no page."
              error={needsPage && read.rows > 0 ? 'Choose a page: the file has no column for it.' : undefined}
              options={[{ value: '', label: 'Choose a page' }, ...pages]}
              value={page}
              onChange={(next) => change(() => setPage(next))}
            />
            {needsZone && <ZoneSelect value={zone} onChange={(next) => change(() => setZone(next))} />}
            <Checkbox
              label="Overwrite existing links"
              checked={replace}
              onChange={(checked) => change(() => setReplace(checked))}
            />
            <FormError error={send.error} />
            <div className="form-actions">
              <button
                type="button"
                className="quiet"
                disabled={!isReady || send.isPending}
                onClick={() => send.mutate(true)}
              >
                {send.isPending ? formatProgress(progress) : 'Preview'}
              </button>
              <button
                type="button"
                className="primary"
                disabled={!isReady || !previewed || send.data.written === 0}
                onClick={() => send.mutate(false)}
              >
                Import links
              </button>
            </div>
          </div>
        </Panel>
        {read && <ColumnMapping read={read} choices={choices} onChange={(next) => change(() => setChoices(next))} />}
        {hasClicks && (
          <p className="soft wide">
            Clicks are no part of a link. After the links, import the same file as history: {history(page)}. Each link
            gets its total.
          </p>
        )}
        {read && send.data && <Result read={read} result={send.data} preview={previewed} page={page} />}
        <PullPanel pages={pages} page={page} />
      </div>
    </>
  );
}

/** Names the place where history is imported. @param page its path with the slash, or an empty text */
function history(page: string) {
  return page === '' ? (
    'Settings, Data of a page'
  ) : (
    <Link to={settingsPath(page.slice(1), 'data')}>Settings, Data of {page}</Link>
  );
}

function isCount(column: string): boolean {
  return /^(total[ _-]?)?(clicks|visits|hits)([ _-]?count)?$/i.test(column.trim());
}

/** Some of the bytes are for the rest of the request. */
const requestLimits = { rows: importLimits.rows, bytes: importLimits.bytes - 10_000 };

function readBytes(bytes: Uint8Array): { table: Table } | { error: string } {
  try {
    const reading = readTable();
    reading.push(bytes);
    return { table: reading.end() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { error: `Couldn’t read the file: ${reason}.` };
  }
}

function ZoneSelect({ value, onChange }: { value: string; onChange: (zone: string) => void }) {
  return (
    <SelectField
      label="Time zone of the file"
      help="For times that name no zone."
      options={[{ value: '', label: 'Choose a zone' }, ...timeZones().map((zone) => ({ value: zone, label: zone }))]}
      value={value}
      onChange={onChange}
    />
  );
}

/** Returns the pages that may get links, as options. */
function usePages(): { value: string; label: string }[] {
  const { data: rows = [] } = useFullList(['pages'], (api, request) => api.send('get', '/pages', pagesSchema, request));
  return rows.map(({ path, title }) => ({ value: path, label: `${title} (${path})` }));
}

/** Returns the progress of a file with several chunks. */
function formatProgress(progress: Progress | undefined): string {
  return progress === undefined || progress.done === 0
    ? 'Checking…'
    : `${formatCount(progress.done)} of ${plural(progress.rows, 'row')}…`;
}

interface ResultProps {
  read: LinksRead;
  result: ImportResult;
  preview: boolean;
  /** Where rows without a page go, with the slash, or an empty text. */
  page: string;
}

function Result({ read, result, preview, page }: ResultProps) {
  const refused = [...read.refused, ...result.refused].sort((a, b) => a.line - b.line);
  const repeated = read.repeated.length + result.repeated;
  return (
    <Panel title={preview ? 'Preview' : 'Import result'} className="wide">
      <div className="stack">
        <p role="status">
          <b>{plural(result.written, 'link')}</b> {preview ? 'to import' : 'imported'},{' '}
          <b>{plural(new Set(refused.map(({ line }) => line)).size, 'row')}</b> {preview ? 'with errors' : 'rejected'}
          {repeated > 0 && (
            <>
              , <b>{plural(repeated, 'row')}</b> that exist already
            </>
          )}
          , of {plural(read.rows, 'row')}.
        </p>
        {!preview && page !== '' && (
          <p>
            Next: <Link to={pagePath(page.slice(1), 'links')}>see the links</Link>, or{' '}
            <Link to={settingsPath(page.slice(1), 'data')}>import their history</Link>.
          </p>
        )}
        {refused.length > 0 && <RejectedRows rows={refused} read={read} />}
        {preview && result.sample.length > 0 && <Sample rows={result.sample} />}
      </div>
    </Panel>
  );
}

/** A longer list says less than its beginning. */
const longestList = 500;

function RejectedRows({ rows, read }: { rows: readonly RowProblem[]; read: LinksRead }) {
  return (
    <>
      <DataTable
        label="Rejected rows"
        columns={['Line', { name: 'Column', align: 'text' }, { name: 'Error', align: 'text' }]}
      >
        {rows.slice(0, longestList).map(({ line, field, message }) => (
          <tr key={`${line}${message}`}>
            <th scope="row">{line}</th>
            <td className="text" dir="auto">
              {findColumn(read, field)}
            </td>
            <td className="text" dir="auto">
              {message}
            </td>
          </tr>
        ))}
      </DataTable>
      {rows.length > longestList && (
        <p className="soft">{formatCount(rows.length - longestList)} more are not shown.</p>
      )}
    </>
  );
}

/** Returns the name of the column of a field. */
function findColumn({ columns }: LinksRead, field: string | null): string {
  if (field === null) return '–';
  return columns.find((column) => column.field === field || column.field?.split('.')[0] === field)?.name ?? '–';
}

const sampleColumns = [
  'Line',
  ...(['Short link', 'Destination', 'Page'] as const).map((name) => ({ name, align: 'text' }) as const),
];

function Sample({ rows }: { rows: ImportResult['sample'] }) {
  return (
    <DataTable label="First links" columns={sampleColumns}>
      {rows.map(({ line, shortUrl, url, page }) => (
        <tr key={line}>
          <th scope="row">{line}</th>
          <td className="text" dir="ltr">
            {withoutScheme(shortUrl)}
          </td>
          <td className="text" dir="ltr">
            {url}
          </td>
          <td className="text">{page}</td>
        </tr>
      ))}
    </DataTable>
  );
}
