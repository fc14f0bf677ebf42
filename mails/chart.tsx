import type { Bar } from '#core/mails/bars.ts';
import { type Colour, light } from './palette.ts';

const cell = { padding: '3px 0', fontSize: 13, lineHeight: '16px', whiteSpace: 'nowrap' as const };

/** Bar chart made of table cells: no images, and screen readers read it as a table. */
export function Chart({ bars, tone, title }: { bars: readonly Bar[]; tone: Colour; title: string }) {
  return (
    <table
      width="100%"
      cellPadding={0}
      cellSpacing={0}
      border={0}
      style={{ borderCollapse: 'collapse' }}
      aria-label={title}
    >
      <tbody>
        {bars.map(({ label, width, shown, marked }) => (
          <tr key={label}>
            <th
              scope="row"
              align="left"
              className={marked ? 't-ink' : 't-soft'}
              style={{
                ...cell,
                color: marked ? light.ink : light.soft,
                fontWeight: marked ? 700 : 400,
                paddingRight: 12,
                width: 1,
              }}
            >
              {label}
            </th>
            <td style={{ ...cell, width: '99%' }}>
              <BarCell width={width} colour={marked ? tone : 'bar'} />
            </td>
            <td
              align="right"
              className={marked ? 't-ink' : 't-soft'}
              style={{
                ...cell,
                color: marked ? light.ink : light.soft,
                fontWeight: marked ? 700 : 400,
                paddingLeft: 12,
                width: 1,
              }}
            >
              {shown}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function BarCell({ width, colour }: { width: number; colour: Colour }) {
  return (
    <table
      role="presentation"
      width="100%"
      cellPadding={0}
      cellSpacing={0}
      border={0}
      style={{ borderCollapse: 'collapse' }}
    >
      <tbody>
        <tr>
          {width > 0 && (
            <td
              width={`${width}%`}
              className={`g-${colour}`}
              style={{ backgroundColor: light[colour], fontSize: 1, height: 12, lineHeight: '12px', borderRadius: 3 }}
            >
              {'\u00a0'}
            </td>
          )}
          {width < 100 && <td style={{ fontSize: 1, lineHeight: '12px', height: 12 }}>{'\u00a0'}</td>}
        </tr>
      </tbody>
    </table>
  );
}
