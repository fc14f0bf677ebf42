import { type ImportField, importFields } from '#core/imports/fields.ts';
import type { ColumnChoices } from '#core/imports/map-columns.ts';
import type { LinksRead } from '#core/imports/read-links.ts';
import { formatCount } from '../../format/numbers.ts';
import { DataTable } from '../../components/data-table.tsx';
import { Panel } from '../../components/panel.tsx';

const fieldNames: Readonly<Record<ImportField, string>> = {
  code: 'Short code or address',
  aliases: 'More codes (aliases)',
  url: 'Destination',
  page: 'Page',
  domain: 'Domain',
  title: 'Title',
  tags: 'Tags',
  campaign: 'Campaign',
  createdAt: 'Created',
  startsAt: 'Start',
  expiresAt: 'End',
  expiredUrl: 'Destination after the end',
  clickLimit: 'Click limit',
  archived: 'Archived',
  enabled: 'Switched on',
  disabled: 'Switched off',
  listed: 'On the link page',
  section: 'Section',
  icon: 'Icon',
  position: 'Position',
  status: 'Redirect status',
  passQuery: 'Pass query parameters',
  'deviceUrls.ios': 'Destination for iOS',
  'deviceUrls.android': 'Destination for Android',
  'deviceUrls.mobile': 'Destination for mobile',
  'deviceUrls.desktop': 'Destination for desktop',
  'utm.utm_source': 'UTM source',
  'utm.utm_medium': 'UTM medium',
  'utm.utm_campaign': 'UTM campaign',
  'utm.utm_term': 'UTM term',
  'utm.utm_content': 'UTM content',
  deviceUrls: 'Destinations by device (JSON)',
  countryUrls: 'Destinations by country (JSON)',
  utm: 'UTM parameters (JSON)',
  variants: 'Split test (JSON)',
  card: 'Preview card (JSON)',
  password: 'Password (rows are rejected)',
};

interface ColumnMappingProps {
  read: LinksRead;
  choices: ColumnChoices;
  onChange: (choices: ColumnChoices) => void;
}

/** Shows what each column of a file is, and lets the user say otherwise. */
export function ColumnMapping({ read, choices, onChange }: ColumnMappingProps) {
  const { tool, columns, questions, notes } = read;
  return (
    <Panel title={tool === null ? 'Columns' : `Columns of a ${tool} file`} className="wide">
      <div className="stack">
        {questions.map(({ about, message }) => (
          <p className="failure" role="alert" key={about}>
            {message}
          </p>
        ))}
        {notes.map((note) => (
          <p className="soft" key={note}>
            {note}
          </p>
        ))}
        {columns.length > 0 && (
          <DataTable label="Columns" columns={headings}>
            {columns.map(({ name, field, filled, sample }) => (
              <tr key={name}>
                <th scope="row" className="text" dir="auto">
                  {name}
                </th>
                <td className="text" dir="auto">
                  {sample}
                </td>
                <td>{formatCount(filled)}</td>
                <td className="text">
                  <select
                    aria-label={`Import ${name} as`}
                    value={field ?? 'ignore'}
                    onChange={({ target }) => onChange({ ...choices, [name]: toChoice(target.value) })}
                  >
                    <option value="ignore">Don’t import</option>
                    {importFields.map((each) => (
                      <option key={each} value={each}>
                        {fieldNames[each]}
                      </option>
                    ))}
                  </select>
                </td>
              </tr>
            ))}
          </DataTable>
        )}
      </div>
    </Panel>
  );
}

const headings = [
  { name: 'Column', align: 'text' },
  { name: 'First value', align: 'text' },
  'Rows with a value',
  { name: 'Import as', align: 'text' },
] as const;

function toChoice(value: string): ImportField | 'ignore' {
  return importFields.find((field) => field === value) ?? 'ignore';
}
