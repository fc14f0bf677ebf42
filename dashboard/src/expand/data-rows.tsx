import { DataTable } from '../components/data-table.tsx';
import { Breakable } from '../format/breakable.tsx';
import { type Data, type DataRow, formatValue, isText } from './data-table.ts';

interface DataRowsProps {
  label: string;
  columns: Data['columns'];
  rows: readonly DataRow[];
  /** On a phone, each row is a card, because the columns need more room. */
  cards?: boolean;
}

/** Rows as a table. The first column names them. */
export function DataRows({ label, columns, rows, cards = false }: DataRowsProps) {
  return (
    <DataTable
      label={label}
      className={cards ? 'data-table cards' : 'data-table'}
      columns={columns.map((column) => (isText(column) ? { name: column.name, align: 'text' } : column.name))}
    >
      {rows.map(({ key, values: [head = null, ...others], onPick }) => (
        <tr key={key}>
          <th scope="row" className={isText(columns[0]) ? 'text' : undefined} dir="auto">
            {onPick ? (
              <button type="button" className="inline" onClick={onPick}>
                <Breakable text={formatValue(head, columns[0])} />
              </button>
            ) : (
              <Breakable text={formatValue(head, columns[0])} />
            )}
          </th>
          {others.map((value, at) => {
            const column = columns[at + 1];
            const look = isText(column) ? { className: 'text', dir: 'auto' } : {};
            return (
              <td key={column?.name} data-label={column?.name} {...look}>
                {formatValue(value, column)}
              </td>
            );
          })}
        </tr>
      ))}
    </DataTable>
  );
}
