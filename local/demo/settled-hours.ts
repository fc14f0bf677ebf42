import { randomBytes } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GlueClient } from '@aws-sdk/client-glue';
import { S3Client } from '@aws-sdk/client-s3';
import { enrichEvent, unknownPage } from '#core/enrich/enrich-event.ts';
import { toParquet } from '#core/enrich/parquet-file.ts';
import { readMessage } from '#core/enrich/read-message.ts';
import { digestListing, emptyTail } from '#core/settle/dirty.ts';
import { hourAt, hourName } from '#core/settle/hours.ts';
import { createRunIds } from '#core/settle/run-id.ts';
import { hmacKey } from '#core/visitors/hmac.ts';
import { createSalt } from '#core/visitors/identity.ts';
import { writeManifest } from '#jobs/settle/manifest.ts';
import type { ClickMessage } from '#schemas/click-message.ts';
import { noRun } from '#schemas/lake-keys.ts';
import { settledTables } from '#schemas/lake-tables.ts';
import { createPartitions } from '#stores/lake/glue-partitions.ts';
import { createLake } from '#stores/lake/lake.ts';
import { runFolder } from '#stores/lake/settled-files.ts';
import { createSettleState } from '#stores/settle/settle-state.ts';
import type { LocalStack } from '../stack.ts';
import { cityOf } from './demo-people.ts';
import type { TrackedPage } from './demo-traffic.ts';

/**
 * Writes hours as settle leaves them, without raw files: settling 700 hours of a month one by one would take minutes. Days, top
 * lists and views are settle's own work, from the marks that these hours leave.
 */
export function openHours(stack: LocalStack, pages: readonly TrackedPage[]) {
  const { clientOptions, outputs } = stack;
  const dynamodb = new DynamoDBClient(clientOptions('dynamodb'));
  const s3 = new S3Client({ ...clientOptions('s3'), forcePathStyle: true });
  const glue = new GlueClient(clientOptions('glue'));
  const bucket = outputs.LakeBucket;
  const state = createSettleState({ client: dynamodb, table: outputs.CatalogTable, now: Date.now });
  const lake = createLake({ client: s3, bucket });
  const partitions = createPartitions({ client: glue, database: outputs.GlueDatabase });
  const nextRun = createRunIds({ now: Date.now, random: randomBytes });
  const zones = new Map(pages.map(({ page }) => [page.path, page.timeZone]));
  const salt = createSalt(hmacKey(randomBytes(32)));
  const context = {
    geography: () => null,
    settingsOf: (page: string | null) => ({ ...unknownPage, timeZone: zones.get(page ?? '') ?? 'UTC' }),
    saltOf: () => salt,
  };

  function toRow(message: ClickMessage) {
    const record = { messageId: message.id, body: JSON.stringify(message), sentAt: message.receivedAt };
    const { row } = enrichEvent(readMessage(record), context);
    // Only the geolocation database knows cities, and it takes 134 MB.
    return { ...row, city: cityOf(message.address) };
  }

  return {
    /** @param start of the hour, in milliseconds since the epoch */
    write: async (start: number, messages: readonly ClickMessage[]): Promise<void> => {
      const hour = hourAt(start);
      if (messages.length === 0 || (await state.hour(hour)) !== undefined) return;
      const rows = messages.map(toRow);
      const run = nextRun();
      const localDates = [...new Set(rows.flatMap(({ local_date }) => local_date ?? []))];
      await lake.put(`${runFolder(hour, run)}demo`, toParquet(rows));
      await writeManifest({ lake }, hour, { run, previous: noRun, files: [], unreadable: [] });
      const record = {
        ...hour,
        run,
        previous: noRun,
        listing: digestListing([]),
        head: emptyTail,
        tail: emptyTail,
        events: rows.length,
        files: 0,
        localDates,
        unreadable: [],
        purge: false,
        erased: 0,
        settledAt: Date.now(),
      };
      await state.addWork('traffic', [hour.dt]);
      await state.addWork('dates', [...new Set([...localDates, hour.dt])]);
      await state.addWork('hours', [hourName(hour)]);
      await state.commitHour(record);
      await partitions.point(settledTables.events.name, [hour.dt, hour.hr], `s3://${bucket}/${runFolder(hour, run)}`);
    },
    close: () => [dynamodb, s3, glue].forEach((client) => client.destroy()),
  };
}
