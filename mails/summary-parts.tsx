import type { ReactNode } from 'react';
import type { SummaryList, SummaryTotal } from '#core/mails/summary-words.ts';
import { Paragraph, Stranger, Subheading } from './frame.tsx';
import { light } from './palette.ts';

/** Numbers side by side, with their changes. */
export function Totals({ totals }: { totals: readonly SummaryTotal[] }) {
  return (
    <table role="presentation" width="100%" cellPadding={0} cellSpacing={0} border={0} style={{ margin: '0 0 8px' }}>
      <tbody>
        <tr>
          {totals.map(({ name, value, change }) => (
            <td key={name} width="33%" valign="top" style={{ paddingRight: 8 }}>
              <div className="t-soft" style={{ color: light.soft, fontSize: 13 }}>
                {name}
              </div>
              <div
                className="t-ink"
                style={{ color: light.ink, fontSize: 22, fontWeight: 650, lineHeight: 1.3, whiteSpace: 'nowrap' }}
              >
                {value}
              </div>
              {change !== null && (
                <div className={`t-${toneOf(change)}`} style={{ color: light[toneOf(change)], fontSize: 13 }}>
                  {change}
                </div>
              )}
            </td>
          ))}
        </tr>
      </tbody>
    </table>
  );
}

/** A heading and its rows; nothing without rows. */
export function List({ list: { title, rows, more } }: { list: SummaryList }) {
  if (rows.length === 0) return null;
  return (
    <>
      <Subheading>{title}</Subheading>
      <Rows>
        {rows.map(({ name, note, value, change }) => (
          <Row key={`${name} ${note}`} name={name} note={note} value={value} change={change} />
        ))}
      </Rows>
      {more !== null && <More>{more}</More>}
    </>
  );
}

export function Rows({ children }: { children: ReactNode }) {
  return (
    <table width="100%" cellPadding={0} cellSpacing={0} border={0} style={{ borderCollapse: 'collapse' }}>
      <tbody>{children}</tbody>
    </table>
  );
}

interface RowProps {
  name: string;
  /** Stands small after the name. */
  note: string;
  value: string;
  change: string | null;
}

export function Row({ name, note, value, change }: RowProps) {
  return (
    <tr>
      <th
        scope="row"
        align="left"
        className="t-ink b-line"
        style={{
          borderTop: `1px solid ${light.line}`,
          color: light.ink,
          fontSize: 15,
          fontWeight: 400,
          lineHeight: 1.4,
          padding: '8px 12px 8px 0',
        }}
      >
        <Stranger>{name}</Stranger>{' '}
        <span className="t-soft" style={{ color: light.soft, fontSize: 13 }}>
          {note}
        </span>
      </th>
      <td
        align="right"
        valign="top"
        className="t-ink b-line"
        style={{
          borderTop: `1px solid ${light.line}`,
          color: light.ink,
          fontSize: 15,
          lineHeight: 1.4,
          padding: '8px 0',
          whiteSpace: 'nowrap',
        }}
      >
        {value}{' '}
        {change !== null && (
          <span className={`t-${toneOf(change)}`} style={{ color: light[toneOf(change)], fontSize: 13 }}>
            {change}
          </span>
        )}
      </td>
    </tr>
  );
}

/** What a list leaves out. */
export function More({ children }: { children: string }) {
  return (
    <Paragraph colour="soft" small>
      {children}
    </Paragraph>
  );
}

function toneOf(change: string): 'up' | 'down' | 'soft' {
  return change.startsWith('+') || change === 'new' ? 'up' : change.startsWith('−') ? 'down' : 'soft';
}
