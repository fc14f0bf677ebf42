import { useState } from 'react';
import { Dialog } from '../components/dialog.tsx';
import { downloadFile } from '../components/download.ts';
import { Empty } from '../components/panel.tsx';
import { SearchField } from '../components/search-field.tsx';
import { formatCount } from '../format/numbers.ts';
import { DataRows } from './data-rows.tsx';
import { type Data, searchRows, toCsv } from './data-table.ts';

const rowsOfPage = 50;

interface DataDialogProps {
  title: string;
  /** Name of the exported file, without its ending. */
  file: string;
  data: Data;
  onClose: () => void;
}

/** All rows of a panel: searched, page by page, and exported as they are shown. */
export default function DataDialog({ title, file, data, onClose }: DataDialogProps) {
  const [search, setSearch] = useState('');
  const [page, setPage] = useState(0);
  const rows = searchRows(data, search);
  const first = page * rowsOfPage;
  return (
    <Dialog title={title} wide onClose={onClose}>
      <div className="stack">
        <div className="table-tools">
          <SearchField
            label={`Search ${title.toLowerCase()}`}
            value={search}
            onChange={(text) => {
              setSearch(text);
              setPage(0);
            }}
          />
          <button
            type="button"
            className="quiet"
            onClick={() => downloadFile(`${toFileName(file)}.csv`, new Blob([toCsv(data, rows)], { type: 'text/csv' }))}
          >
            Export CSV
          </button>
        </div>
        {rows.length > 0 ? (
          <DataRows label={title} columns={data.columns} rows={rows.slice(first, first + rowsOfPage)} />
        ) : (
          <Empty>{search === '' ? (data.note ?? 'Nothing in this period.') : 'No matches.'}</Empty>
        )}
        {rows.length > 0 && data.note !== undefined && <p className="unsettled">{data.note}</p>}
        {rows.length > rowsOfPage && <Pages page={page} rows={rows.length} onChange={setPage} />}
      </div>
    </Dialog>
  );
}

/** Without what a file's name cannot hold. */
function toFileName(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}.-]+/gu, '-')
    .slice(0, 120);
}

function Pages({ page, rows, onChange }: { page: number; rows: number; onChange: (page: number) => void }) {
  const last = Math.ceil(rows / rowsOfPage) - 1;
  const to = Math.min(rows, (page + 1) * rowsOfPage);
  return (
    <nav className="pages-nav" aria-label="Pages of the list">
      <button type="button" className="quiet small" disabled={page === 0} onClick={() => onChange(page - 1)}>
        Previous
      </button>
      <span className="soft" role="status">
        {formatCount(page * rowsOfPage + 1)} to {formatCount(to)} of {formatCount(rows)}
      </span>
      <button type="button" className="quiet small" disabled={page === last} onClick={() => onChange(page + 1)}>
        Next
      </button>
    </nav>
  );
}
