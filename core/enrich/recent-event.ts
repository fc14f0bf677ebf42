import type { StoredEvent } from '#schemas/api/recent-events.ts';
import { codeOfLinkId } from '#schemas/catalog-rules.ts';
import type { Enriched } from './enrich-event.ts';

/** Returns what those who watch a page see of an event. */
export function toRecentEvent({ row, sdk }: Enriched): StoredEvent {
  return {
    id: row.event_id.toString(),
    occurredAt: row.occurred_at,
    receivedAt: row.received_at,
    type: row.event_type,
    name: row.event_name,
    link: row.link_id === null ? null : codeOfLinkId(row.link_id),
    sdk,
    outcome: row.outcome,
    rule: row.outcome_rule,
    country: row.country,
    device: row.device_type,
    source: row.referrer_name ?? row.referrer_host,
  };
}
