import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { localTimeOf } from '#core/enrich/local-time.ts';
import type { LocalStack } from '#local/stack.ts';
import type { EventRow } from '#schemas/event.ts';
import { partitionOf, rawKey } from '#schemas/lake-keys.ts';
import { eventRow, rawFileOf } from '#test/raw-file.ts';

/** What a page got on one local date: all of it in the hour of its noon. */
export interface DayOfTraffic {
  page: string;
  zone: string;
  /** `2026-11-01` */
  date: string;
  views: number;
  clicks: number;
  /** Changes the rows of this day, by their number: where they come from. */
  row?: (index: number) => Partial<EventRow>;
}

let files = 0;

/** Puts the days into the lake as enrich would have: one raw file per event hour. */
export async function putTraffic(stack: LocalStack, days: readonly DayOfTraffic[]): Promise<void> {
  const client = new S3Client({ ...stack.clientOptions('s3'), forcePathStyle: true });
  const byHour = Map.groupBy(days.flatMap(rowsOf), ({ occurred_at }) => Math.floor(occurred_at / 3_600_000));
  for (const rows of byHour.values()) {
    const ulid = String(files++).padStart(26, '0');
    const Key = rawKey(partitionOf(rows[0]?.occurred_at ?? 0), ulid, rows.length);
    await client.send(new PutObjectCommand({ Bucket: stack.outputs.LakeBucket, Key, Body: rawFileOf(rows) }));
  }
  client.destroy();
}

let ids = 1n;

export function rowsOf({ page, zone, date, views, clicks, row }: DayOfTraffic): EventRow[] {
  return Array.from({ length: views + clicks }, (_, index) => {
    const occurred = Date.parse(`${date}T11:00:00Z`) + (index % 3000) * 1000;
    const local = localTimeOf(zone, occurred);
    // Even: settle derives odd ids of sessions.
    ids += 2n;
    return eventRow({
      event_id: ids,
      event_type: index < views ? 'page_view' : 'link_click',
      link_id: index < views ? null : `${page.slice(1)}-link`,
      page_path: page,
      occurred_at: occurred,
      received_at: occurred,
      local_hour: local.hour,
      local_date: local.date,
      visitor_id: ids * 7919n,
      ...row?.(index),
    });
  });
}
