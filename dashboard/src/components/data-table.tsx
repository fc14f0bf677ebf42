import type { ReactNode } from 'react';

interface DataTableProps {
  label: string;
  columns: readonly Column[];
  className?: string;
  /** Table rows. */
  children: ReactNode;
}

/** A heading, or a heading that is aligned like text or read by screen readers only. */
export type Column = string | { name: string; align: 'text' } | { name: string; hidden: true };

/** A table that scrolls sideways in its panel. */
export function DataTable({ label, columns, className, children }: DataTableProps) {
  return (
    <div className="table-scroll" tabIndex={0} role="region" aria-label={label}>
      <table className={className}>
        <thead>
          <tr>
            {columns.map((column) => (
              <ColumnHeader key={typeof column === 'string' ? column : column.name} column={column} />
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

function ColumnHeader({ column }: { column: Column }) {
  if (typeof column === 'string') return <th scope="col">{column}</th>;
  return (
    <th scope="col" className={'align' in column ? column.align : undefined}>
      {'hidden' in column ? <span className="visually-hidden">{column.name}</span> : column.name}
    </th>
  );
}
