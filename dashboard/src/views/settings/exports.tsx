import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Export, exportSchema, exportsSchema, type NewExport } from '#schemas/api/exports.ts';
import { useApi } from '../../api/context.tsx';
import { useApiMutation } from '../../api/lists.ts';
import { plural } from '../../format/numbers.ts';
import { addDays, dateIn, formatDate } from '../../format/times.ts';
import { fieldError } from '../../api/field-errors.ts';
import { FormError } from '../../components/field.tsx';
import { Form } from '../../components/form.tsx';
import { SelectField, TextField } from '../../components/inputs.tsx';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';

const pollMs = 3_000;

/** Exports the events of a page as a file and lists past exports. */
export function Exports({ page, zone }: { page: string; zone: string }) {
  const api = useApi();
  const exports = useQuery({
    queryKey: ['exports', page],
    queryFn: ({ signal }) => api.send('get', '/exports', exportsSchema, { query: { page: `/${page}` }, signal }),
    refetchInterval: ({ state }) => (state.data?.rows.some((row) => row.state === 'running') ? pollMs : false),
  });
  return (
    <Panel
      title="Event exports"
      hint={<p>A file with every stored event and its outcome. Spreadsheet formulas are written as text.</p>}
    >
      <ExportForm page={page} zone={zone} />
      <Loaded query={exports} rows={2}>
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty>No exports yet. Choose a period and export its events.</Empty>
          ) : (
            <ul className="rows">
              {rows.map((row) => (
                <ExportRow key={row.id} row={row} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}

const formats = [
  { value: 'csv', label: 'CSV (spreadsheets)' },
  { value: 'parquet', label: 'Parquet (data warehouses)' },
] as const;

function ExportForm({ page, zone }: { page: string; zone: string }) {
  const today = dateIn(zone, Date.now());
  const [request, setRequest] = useState<NewExport>({
    page: `/${page}`,
    from: addDays(today, -29),
    to: today,
    format: 'csv',
  });
  const start = useApiMutation((api, json: NewExport) => api.send('post', '/exports', exportSchema, { json }));
  function set(change: Partial<NewExport>): void {
    return setRequest({ ...request, ...change });
  }
  return (
    <Form onSubmit={() => start.mutate(request)}>
      <div className="form-row">
        {(['from', 'to'] as const).map((name) => (
          <TextField
            key={name}
            label={name === 'from' ? 'From' : 'To'}
            error={fieldError(start.error, name)}
            type="date"
            required
            max={today}
            value={request[name]}
            onChange={(date) => set({ [name]: date })}
          />
        ))}
        <SelectField label="Format" options={formats} value={request.format} onChange={(format) => set({ format })} />
      </div>
      <FormError error={start.error} fields={['from', 'to']} />
      <div className="form-actions">
        <button type="submit" className="quiet" disabled={start.isPending}>
          Export events
        </button>
      </div>
    </Form>
  );
}

function ExportRow({ row }: { row: Export }) {
  return (
    <li>
      <span>
        {formatDate(row.from.slice(0, 10))} – {formatDate(row.to.slice(0, 10))}{' '}
        <small>
          {row.format === 'csv' ? 'CSV' : 'Parquet'}
          {row.rows !== null && `, ${plural(row.rows, 'event')}`}
        </small>
        {row.message !== null && <span className="error"> {row.message}</span>}
      </span>
      {row.state === 'running' && <span className="badge">Running…</span>}
      {row.state === 'failed' && <span className="badge alarm">Failed</span>}
      {row.urls.map((url, at) => (
        <a key={url} className="quiet small" href={url} download>
          {row.urls.length === 1 ? 'Download' : `Download part ${at + 1} of ${row.urls.length}`}
        </a>
      ))}
    </li>
  );
}
