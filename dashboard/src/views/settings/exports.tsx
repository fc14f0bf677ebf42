import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Export, exportSchema, exportsSchema, type NewExport } from '#schemas/api/exports.ts';
import { useApi } from '../../api/context.tsx';
import { useApiMutation } from '../../api/lists.ts';
import { plural } from '../../format/numbers.ts';
import { addDays, dateIn, formatDate } from '../../format/times.ts';
import { Field, fieldError, FormError } from '../../components/field.tsx';
import { Empty, Loaded, Panel } from '../../components/panel.tsx';

const pollEvery = 3_000;

/** Events of a page as a file, made by a job. */
export function Exports({ page, zone }: { page: string; zone: string }) {
  const api = useApi();
  const exports = useQuery({
    queryKey: ['exports', page],
    queryFn: ({ signal }) => api.send('get', '/exports', exportsSchema, { query: { page: `/${page}` }, signal }),
    refetchInterval: ({ state }) => (state.data?.rows.some((row) => row.state === 'running') ? pollEvery : false),
  });
  return (
    <Panel
      title="Export"
      hint={<p>Every event with its outcome, as stored. A cell that a spreadsheet would run is written as text.</p>}
    >
      <ExportForm page={page} zone={zone} />
      <Loaded query={exports} rows={2}>
        {({ rows }) =>
          rows.length === 0 ? (
            <Empty>No exports yet.</Empty>
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

function ExportForm({ page, zone }: { page: string; zone: string }) {
  const today = dateIn(zone, Date.now());
  const [wanted, setWanted] = useState<NewExport>({
    page: `/${page}`,
    from: addDays(today, -29),
    to: today,
    format: 'csv',
  });
  const start = useApiMutation((api, json: NewExport) => api.send('post', '/exports', exportSchema, { json }));
  function set(change: Partial<NewExport>): void {
    return setWanted({ ...wanted, ...change });
  }
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault();
        start.mutate(wanted);
      }}
    >
      <div className="form-row">
        {(['from', 'to'] as const).map((name) => (
          <Field key={name} label={name === 'from' ? 'From' : 'To'} error={fieldError(start.error, name)}>
            {(control) => (
              <input
                {...control}
                type="date"
                required
                max={today}
                value={wanted[name]}
                onChange={({ target }) => set({ [name]: target.value })}
              />
            )}
          </Field>
        ))}
        <Field label="Format">
          {(control) => (
            <select
              {...control}
              value={wanted.format}
              onChange={({ target }) => set({ format: target.value === 'csv' ? 'csv' : 'parquet' })}
            >
              <option value="csv">CSV, for a spreadsheet</option>
              <option value="parquet">Parquet, for a warehouse</option>
            </select>
          )}
        </Field>
      </div>
      <FormError error={start.error} fields={['from', 'to']} />
      <div className="form-actions">
        <button type="submit" className="quiet" disabled={start.isPending}>
          Export events
        </button>
      </div>
    </form>
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
      {row.url !== null && (
        <a className="quiet small" href={row.url} download>
          Download
        </a>
      )}
    </li>
  );
}
