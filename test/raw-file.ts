import { parquetWriteBuffer } from 'hyparquet-writer';
import { toParquet } from '#core/enrich/parquet-file.ts';
import { type EventRow, eventSchemaVersion, parquetSchema } from '#schemas/event.ts';

/** A counted click on `/ada`'s link `k3x9` from a phone in the US, with these changes. */
export function eventRow(changes: Partial<EventRow> = {}): EventRow {
  return { ...blank(), ...changes };
}

function blank(): EventRow {
  return {
    event_id: 1n,
    event_type: 'link_click',
    schema_version: eventSchemaVersion,
    occurred_at: Date.parse('2026-11-22T06:05:00Z'),
    received_at: Date.parse('2026-11-22T06:05:00Z'),
    local_hour: '2026-11-22T07+01:00',
    local_date: '2026-11-22',
    page_path: '/ada',
    link_id: 'k3x9',
    destination_url: 'https://example.org/',
    link_title: null,
    campaign_id: null,
    outcome: 'counted',
    outcome_rule: 'counted',
    visitor_id: 7n,
    session_id: null,
    repeat_key: null,
    consented_id: null,
    anonymous_id: null,
    country: 'US',
    region: null,
    city: null,
    asn: null,
    device_type: 'mobile',
    os: 'iOS',
    browser: 'Safari',
    browser_version: '19',
    bot_name: null,
    referrer_host: null,
    referrer_class: 'social',
    referrer_name: null,
    utm_source: null,
    utm_medium: null,
    utm_campaign: null,
    utm_term: null,
    utm_content: null,
    utm_id: null,
    click_network: null,
    classifier_version: null,
    variant: null,
    event_name: null,
    conversion: null,
    value_minor: null,
    currency: null,
    import_id: null,
    language: null,
    properties: null,
    method: 'GET',
  };
}

/** The rows as enrich writes them. */
export function rawFileOf(rows: readonly EventRow[]): Uint8Array {
  return toParquet(rows);
}

/** The rows as an older contract would have written them: only some columns. */
export function olderRawFileOf(rows: readonly EventRow[], columns: readonly string[]): Uint8Array {
  const elements = parquetSchema().filter(({ name }) => columns.includes(name));
  const buffer = parquetWriteBuffer({
    columnData: elements.map(({ name }) => ({ name, data: rows.map((row) => cell(row, name)) })),
    schema: [{ name: 'root', num_children: elements.length }, ...elements],
  });
  return new Uint8Array(buffer);
}

function cell(row: EventRow, name: string): unknown {
  const entry = Object.entries(row).find(([column]) => column === name)?.[1];
  return name.endsWith('_at') && typeof entry === 'number' ? new Date(entry) : entry;
}
