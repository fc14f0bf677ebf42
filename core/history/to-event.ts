import { cut } from '#core/cut.ts';
import { redactEmails } from '#core/edge/visitor-text.ts';
import { enrichEvent, type PageSettings } from '#core/enrich/enrich-event.ts';
import type { ClickMessage } from '#schemas/click-message.ts';
import { deviceTypes, type EventRow, eventFields } from '#schemas/event.ts';
import type { StagedRow } from './staged-row.ts';

/** What an event takes over from its link as it is today: a file does not say what it was. */
export interface LinkOfEvent {
  id: string;
  url: string;
  title: string | null;
  campaign: string | null;
}

export interface EventContext {
  page: string;
  settings: PageSettings;
  importId: string;
  links: ReadonlyMap<string, LinkOfEvent>;
}

/**
 * Builds the event of an imported row. `received_at` is the time of the event: a row that is imported twice is then a
 * redelivery of one event, which settle counts once. What the file says of robots decides; of a file that says nothing, the
 * rules that need no more than the user agent and the referrer.
 */
export function toEvent(row: StagedRow, eventId: bigint, context: EventContext): EventRow {
  const { importId, page, settings } = context;
  const message = toMessage(row, eventId, context);
  const { row: event } = enrichEvent(
    { kind: 'message', record: { messageId: '', body: '', sentAt: row.at }, message, eventId },
    { geography: () => null, settingsOf: () => settings, saltOf: () => null },
  );
  const rule = `import.${row.tool}`;
  const own = row.bot === undefined && event.outcome !== 'counted' ? event : undefined;
  return {
    ...event,
    page_path: page,
    outcome: own?.outcome ?? (row.bot === true ? 'bot' : 'counted'),
    outcome_rule: cut(own === undefined ? rule : `${rule}.${own.outcome_rule}`, eventFields.outcome_rule.limit) ?? rule,
    visitor_id: row.visitor === undefined ? null : BigInt(row.visitor),
    region: cut(row.region, eventFields.region.limit),
    city: cut(row.city, eventFields.city.limit),
    device_type: event.device_type ?? readDevice(row.device),
    os: event.os ?? cut(row.os, eventFields.os.limit),
    browser: event.browser ?? cut(row.browser, eventFields.browser.limit),
    method: null,
    import_id: importId,
  };
}

function toMessage(row: StagedRow, eventId: bigint, { page, links }: EventContext): ClickMessage {
  const link = row.link === undefined ? undefined : links.get(row.link);
  const address = row.url === undefined ? undefined : splitAddress(row.url);
  return {
    version: 1,
    id: String(eventId),
    type: row.kind === 'click' ? 'link_click' : row.kind === 'view' ? 'page_view' : 'custom',
    occurredAt: row.at,
    receivedAt: row.at,
    page,
    link: row.link ?? null,
    destination: link?.url ?? (row.kind === 'click' ? (row.url ?? null) : null),
    title: link === undefined ? (row.title ?? null) : link.title,
    campaign: link?.campaign ?? null,
    method: 'GET',
    outcome: null,
    rule: null,
    query: address?.query ?? '',
    address: null,
    port: null,
    country: row.country ?? null,
    asn: null,
    privacy: false,
    headers: {
      ...(row.userAgent !== undefined && { userAgent: row.userAgent }),
      ...(row.referrer !== undefined && { referrer: row.referrer }),
    },
    session: null,
    consentedId: null,
    properties: propertiesOf(row, address?.path),
    replayed: true,
  };
}

/** As collect writes them: an address without its query, and without e-mail addresses. */
function propertiesOf({ kind, name = '' }: StagedRow, path: string | undefined): ClickMessage['properties'] {
  const url = path === undefined ? {} : { url: redactEmails(path) };
  switch (kind) {
    case 'event':
      return { name: redactEmails(name), ...url, properties: {} };
    case 'view':
      return url;
    case 'click':
      return null;
    default:
      return kind satisfies never;
  }
}

/** The query may hold personal data: of it, only campaign parameters are read. */
function splitAddress(url: string): { path: string; query: string } {
  const [whole = ''] = url.split('#');
  const at = whole.indexOf('?');
  return at < 0 ? { path: whole, query: '' } : { path: whole.slice(0, at), query: whole.slice(at + 1) };
}

function readDevice(device: string | null | undefined): EventRow['device_type'] {
  const name = device?.toLowerCase();
  if (name === 'smartphone' || name === 'phone') return 'mobile';
  return deviceTypes.find((type) => type === name) ?? null;
}
